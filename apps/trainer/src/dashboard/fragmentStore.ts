/**
 * The pieces of a live page, each with the number of its newest change: whoever has seen all up to a number is sent what changed
 * since, and no more. A piece that changes often takes no more room than one that does not.
 */

import { randomUUID } from "node:crypto";

/** A piece of the page. */
export interface Fragment {
  /** Where it goes: `SLOT/NAME`. */
  readonly id: string;
  readonly html: string;
  /** Rises with every change of any piece. */
  readonly version: number;
}

export class FragmentStore {
  /** Tells the numbers of this store from those of one before it. */
  readonly epoch: string = randomUUID().slice(0, 8);
  readonly #fragments = new Map<string, Fragment>();
  #version = 0;

  /** Puts a piece in place; one that is the same as before is no change. */
  set(id: string, html: string): void {
    if (this.#fragments.get(id)?.html === html) return;
    // Deleted first, so that the order of the map is that of the versions.
    this.#fragments.delete(id);
    this.#fragments.set(id, { id, html, version: ++this.#version });
  }

  /** What changed after `version`, oldest change first. */
  since(version: number): Fragment[] {
    return [...this.#fragments.values()].filter((fragment) => fragment.version > version);
  }

  /** The version that a client has seen, from the id of the last event it got; 0 where that is of another store, or none. */
  seenBy(lastEventId: string | undefined): number {
    const [epoch, text = ""] = (lastEventId ?? "").split(".");
    const version = Number(text);
    return epoch === this.epoch && Number.isSafeInteger(version) && version <= this.#version ? version : 0;
  }
}
