/**
 * The samples at the end of a training, put together from the pieces that its events bring, which come side by side.
 */

import type { TrainingEvent } from "./trainingEvent.ts";

/** Characters of a sample that are kept where it is only shown. */
const SHOWN = 100_000;

export class ClosingSamples {
  readonly #texts: string[] = [];
  readonly #limit: number;

  /** @param limit - Most UTF-16 units of a sample that are kept. @defaultValue 100,000, enough to show */
  constructor(limit: number = SHOWN) {
    this.#limit = limit;
  }

  /** Takes a piece of a sample; other events are passed over. */
  handle(event: TrainingEvent): void {
    if (event.type !== "sample") return;
    this.#texts[event.index] = `${this.#texts[event.index] ?? ""}${event.text}`.slice(0, this.#limit);
  }

  /** The samples as far as they have come, in their order. */
  get texts(): readonly string[] {
    return Array.from(this.#texts, (text = "") => text);
  }
}
