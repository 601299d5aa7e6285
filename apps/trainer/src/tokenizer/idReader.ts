/**
 * Reads ids out of text that comes in parts: numbers with white space, commas or the brackets of a JSON array between them.
 */

import { UsageError } from "../usageError.ts";

const separators = /[\s,[\]]+/;
/** More digits than any id has. */
const MAX_DIGITS = 16;

export class IdReader {
  readonly #vocabSize: number;
  /** Digits that the next part may go on with. */
  #rest = "";
  #count = 0;

  /** @param vocabSize - Ids are below it. */
  constructor(vocabSize: number) {
    this.#vocabSize = vocabSize;
  }

  /** The ids that are complete now. @throws UsageError naming the first that is none, and its place. */
  push(part: string): number[] {
    const words = (this.#rest + part).split(separators);
    this.#rest = words.pop() as string;
    if (this.#rest.length > MAX_DIGITS) words.push(this.#rest);
    return words.filter((word) => word !== "").map((word) => this.#parse(word));
  }

  /** The last id, where no separator follows it. */
  end(): number[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? [] : [this.#parse(rest)];
  }

  #parse(word: string): number {
    const id = /^\d{1,16}$/.test(word) ? Number(word) : NaN;
    this.#count++;
    if (id < this.#vocabSize) return id;
    const shown = word.length <= MAX_DIGITS ? word : `${word.slice(0, MAX_DIGITS)}…`;
    throw new UsageError(
      `expected ids from 0 to ${this.#vocabSize - 1}, got ${JSON.stringify(shown)} as number ${this.#count}`,
    );
  }
}
