/**
 * What came for one task and was not read yet. It holds at most as many events as a context has tokens, however slow the reader is.
 */

import type { GenerationEvent } from "../engine/engine.ts";
import { engineErrorOf, type TaskReport } from "./taskReport.ts";

/** The news of a task, for one reader. */
export class Inbox {
  /** Whether the task has ended by itself, so that nobody need end it. */
  isDone = false;
  #events: GenerationEvent[] = [];
  #read = 0;
  #embedding: Float32Array | undefined;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  add({ events, embedding, failure }: TaskReport): void {
    if (events !== undefined) this.#events.push(...events);
    this.#embedding ??= embedding;
    if (failure !== undefined) {
      this.isDone = true;
      this.#failure ??= { error: engineErrorOf(failure) };
    }
    this.#wake?.();
  }

  /** Nothing more comes; what came before can still be read. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** Nothing is to be read any more. */
  abort(error: unknown): void {
    this.#events = [];
    this.#read = 0;
    this.#failure = { error };
    this.#wake?.();
  }

  /** The next event. @throws what the task ended with. */
  async next(): Promise<GenerationEvent> {
    while (this.#read === this.#events.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#more();
    }
    const event = this.#events[this.#read++];
    if (this.#read === this.#events.length) {
      this.#events = [];
      this.#read = 0;
    }
    return event;
  }

  /** The embedding. @throws what the task ended with. */
  async embedding(): Promise<Float32Array> {
    while (this.#embedding === undefined) {
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#more();
    }
    return this.#embedding;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
