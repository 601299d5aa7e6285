/**
 * What slots hold, and what may be done with them: the checks that are the same however the cache is kept.
 */

import { checkTokenIds } from "../generate/tokenIds.ts";
import type { SavedTokens, SlotRuntime, StepEntry } from "./slotRuntime.ts";

/** Where the keys and values of slots are. */
export interface SlotStore {
  lengthOf(slot: number): number;
  setLength(slot: number, length: number): void;
  /** `[nKvHead, to - from, headDim]` of each part. */
  copyOut(slot: number, from: number, to: number): Float32Array[];
  copyIn(slot: number, at: number, parts: readonly Float32Array[]): void;
}

type Sizes = Pick<SlotRuntime, "slots" | "blockSize" | "vocabSize" | "signature">;

export class SlotLedger {
  readonly #sizes: Sizes;
  /** Has a slot more than there are, for the text that stands in none. */
  readonly #store: SlotStore;
  /** Tokens at the beginning of each slot that were read, not put there by steps. */
  readonly #readLengths: number[];
  #isRunning = false;

  constructor(sizes: Sizes, store: SlotStore) {
    this.#sizes = sizes;
    this.#store = store;
    this.#readLengths = Array.from({ length: sizes.slots }, () => 0);
  }

  lengthOf(slot: number): number {
    this.#checkSlot("lengthOf", slot);
    return this.#store.lengthOf(slot);
  }

  /** @returns how many tokens the slot holds before. */
  beginRead(slot: number, tokens: ArrayLike<number>): number {
    this.#checkSlot("read", slot);
    const length = this.#store.lengthOf(slot);
    this.#checkText("read", tokens, this.#sizes.blockSize - length);
    this.#begin("read");
    return length;
  }

  /** Ends a reading: the slot holds tokens up to `to`, those from `from` on being new. */
  endRead(slot: number, from: number, to: number): void {
    this.#isRunning = false;
    this.#store.setLength(slot, to);
    if (this.#readLengths[slot] === from) this.#readLengths[slot] = to;
  }

  beginStep(entries: readonly StepEntry[]): void {
    const seen = new Set<number>();
    for (const { slot } of entries) {
      this.#checkSlot("step", slot);
      if (seen.has(slot)) throw new RangeError(`SlotRuntime.step: expected each slot once, got slot ${slot} twice`);
      seen.add(slot);
      const length = this.#store.lengthOf(slot);
      if (length < 1 || length >= this.#sizes.blockSize) {
        throw new RangeError(
          `SlotRuntime.step: expected slot ${slot} to hold from 1 to ${this.#sizes.blockSize - 1} tokens, got ${length}`,
        );
      }
    }
    const { vocabSize } = this.#sizes;
    checkTokenIds(
      "SlotRuntime.step",
      entries.map(({ token }) => token),
      { vocabSize, where: "the entries" },
    );
    this.#begin("step");
  }

  endStep(): void {
    this.#isRunning = false;
  }

  /** Begins the text that stands in no slot, or goes on with it behind its first `from` tokens. */
  beginText(tokens: ArrayLike<number>, from: number): void {
    const held = this.#store.lengthOf(this.#sizes.slots);
    if (from !== 0 && from !== held) {
      throw new RangeError(
        `SlotRuntime.hiddenStates: expected from to be 0 or the ${held} tokens that were read of the text, got ${from}`,
      );
    }
    this.#checkText("hiddenStates", tokens, this.#sizes.blockSize - from);
    this.#begin("hiddenStates");
    if (from === 0) this.#store.setLength(this.#sizes.slots, 0);
  }

  /** Ends a reading of it: it has so many tokens. */
  endText(length: number): void {
    this.#isRunning = false;
    this.#store.setLength(this.#sizes.slots, length);
  }

  truncate(slot: number, length: number): void {
    this.#checkSlot("truncate", slot);
    this.#checkIdle("truncate");
    const held = this.#store.lengthOf(slot);
    if (!Number.isInteger(length) || length < 0 || length > held) {
      throw new RangeError(
        `SlotRuntime.truncate: expected from 0 to the ${held} tokens of slot ${slot}, got ${length}`,
      );
    }
    this.#store.setLength(slot, length);
    this.#readLengths[slot] = Math.min(this.#readLengths[slot], length);
  }

  save(slot: number, from: number, to: number): SavedTokens {
    this.#checkSlot("save", slot);
    this.#checkIdle("save");
    const held = this.#readLengths[slot];
    if (![from, to].every(Number.isInteger) || from < 0 || from >= to || to > held) {
      throw new RangeError(
        `SlotRuntime.save: expected places among the first ${held} of slot ${slot}, which were read, got ${from} to ${to}`,
      );
    }
    const parts = this.#store.copyOut(slot, from, to);
    return { length: to - from, from, bytes: parts.reduce((sum, { byteLength }) => sum + byteLength, 0), parts };
  }

  restore(slot: number, { length, from, parts }: SavedTokens): void {
    this.#checkSlot("restore", slot);
    this.#checkIdle("restore");
    const held = this.#store.lengthOf(slot);
    const { nLayer, nKvHead, headDim } = this.#sizes.signature;
    if (parts.length !== 2 * nLayer || parts.some((part) => part.length !== nKvHead * length * headDim)) {
      throw new RangeError("SlotRuntime.restore: expected tokens that this model has saved, got others");
    }
    if (from !== held || held + length > this.#sizes.blockSize) {
      throw new RangeError(
        `SlotRuntime.restore: expected tokens saved from place ${held}, at most ${this.#sizes.blockSize - held}, ` +
          `for slot ${slot}, got ${length} from place ${from}`,
      );
    }
    this.#store.copyIn(slot, held, parts);
    this.endRead(slot, held, held + length);
  }

  #begin(name: string): void {
    this.#checkIdle(name);
    this.#isRunning = true;
  }

  #checkIdle(name: string): void {
    if (!this.#isRunning) return;
    throw new Error(`SlotRuntime.${name}: expected no other call under way, got a second; await the first`);
  }

  #checkSlot(name: string, slot: number): void {
    if (Number.isInteger(slot) && slot >= 0 && slot < this.#sizes.slots) return;
    throw new RangeError(`SlotRuntime.${name}: expected a slot from 0 to ${this.#sizes.slots - 1}, got ${slot}`);
  }

  #checkText(name: string, tokens: ArrayLike<number>, room: number): void {
    if (tokens.length < 1 || tokens.length > room) {
      throw new RangeError(`SlotRuntime.${name}: expected from 1 to ${room} tokens, got ${tokens.length}`);
    }
    checkTokenIds(`SlotRuntime.${name}`, tokens, { vocabSize: this.#sizes.vocabSize, where: "the tokens" });
  }
}
