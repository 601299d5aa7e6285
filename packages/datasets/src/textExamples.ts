/**
 * The examples of one long text: a window of `blockSize` tokens at every place of it.
 */

import { type ExampleSet, expectPositive } from "./exampleSet.ts";
import type { TokenSequence } from "./tokenSequence.ts";

/**
 * Windows of a text with the same window one token later as targets, for models that predict every token: nanoGPT's get_batch.
 *
 * @example
 * ```ts
 * const windows = new TextWindows(new Uint16Array([5, 6, 7, 8]), 2);
 * windows.size; // => 2: [5, 6] -> [6, 7] and [6, 7] -> [7, 8]
 * ```
 */
export class TextWindows implements ExampleSet {
  readonly tokens: TokenSequence;
  readonly inputLength: number;
  readonly targetLength: number;
  readonly stride: number;

  /**
   * @param options - how many tokens lie between the beginnings of two windows (@defaultValue 1): with blockSize each token is a target
   * in one window at most, the first and a rest at the end, shorter than a window, in none
   * @throws RangeError where the text is too short for one window, or the stride is no positive integer.
   */
  constructor(tokens: TokenSequence, blockSize: number, { stride = 1 }: { readonly stride?: number } = {}) {
    expectWindow("TextWindows", tokens, blockSize);
    expectPositive("TextWindows", "stride", stride);
    this.tokens = tokens;
    this.inputLength = blockSize;
    this.targetLength = blockSize;
    this.stride = stride;
  }

  get size(): number {
    return Math.floor((this.tokens.length - this.inputLength - 1) / this.stride) + 1;
  }

  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void {
    const { tokens, inputLength: T, stride } = this;
    const window = tokens.subarray(index * stride, index * stride + T + 1);
    inputs.set(window.subarray(0, T), row * T);
    targets.set(window.subarray(1), row * T);
  }

  prefetch(index: number): void {
    const begin = index * this.stride;
    this.tokens.prefetch?.(begin, begin + this.inputLength + 1);
  }
}

/** Windows of a text with the one token that follows as target, for models that predict the last one alone. */
export class TextContexts implements ExampleSet {
  readonly tokens: TokenSequence;
  readonly inputLength: number;
  readonly targetLength = 1;

  /** @throws RangeError where the text is too short for one window. */
  constructor(tokens: TokenSequence, blockSize: number) {
    expectWindow("TextContexts", tokens, blockSize);
    this.tokens = tokens;
    this.inputLength = blockSize;
  }

  get size(): number {
    return this.tokens.length - this.inputLength;
  }

  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void {
    const { tokens, inputLength: T } = this;
    const window = tokens.subarray(index, index + T + 1);
    for (let t = 0; t < T; t++) inputs[row * T + t] = window[t]!;
    targets[row] = window[T]!;
  }

  prefetch(index: number): void {
    this.tokens.prefetch?.(index, index + this.inputLength + 1);
  }
}

function expectWindow(caller: string, tokens: TokenSequence, blockSize: number): void {
  expectPositive(caller, "blockSize", blockSize);
  if (tokens.length > blockSize) return;
  throw new RangeError(
    `${caller}: expected at least ${blockSize + 1} tokens (blockSize ${blockSize} + 1), got ${tokens.length}: ` +
      "use a longer text or a smaller blockSize",
  );
}
