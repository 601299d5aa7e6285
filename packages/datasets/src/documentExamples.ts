/**
 * The examples of documents, whose tokens are those of `encodeDocuments`: every document followed by the boundary.
 */

import { type ExampleSet, expectPositive, IGNORED_TARGET } from "./exampleSet.ts";
import type { TokenArray } from "./tokenArray.ts";

/** Options of {@link DocumentRows} and {@link DocumentContexts}. */
export interface DocumentExamplesOptions {
  /** The token behind every document. */
  readonly boundary: number;
  /** Tokens that a model sees, T. */
  readonly blockSize: number;
}

/**
 * A document an example, for models that predict every token: the boundary and the document as inputs, the document and the
 * boundary as targets. What is left of the row has inputs 0 and targets -1.
 */
export class DocumentRows implements ExampleSet {
  readonly inputLength: number;
  readonly targetLength: number;
  readonly #tokens: TokenArray;
  readonly #boundary: number;
  /** Where each document begins, and where the last one ends. */
  readonly #begins: Uint32Array;

  /** @throws RangeError where there is no document, or one that is longer than a row, its boundary included. */
  constructor(tokens: TokenArray, { boundary, blockSize }: DocumentExamplesOptions) {
    expectPositive("DocumentRows", "blockSize", blockSize);
    expectDocuments("DocumentRows", tokens, boundary);
    this.inputLength = blockSize;
    this.targetLength = blockSize;
    this.#tokens = tokens;
    this.#boundary = boundary;
    this.#begins = documentBegins(tokens, boundary);
    let longest = 0;
    for (let i = 0; i < this.size; i++) longest = Math.max(longest, this.#begins[i + 1]! - this.#begins[i]!);
    if (longest > blockSize) {
      throw new RangeError(
        `DocumentRows: expected blockSize of at least ${longest}, the longest document's ${longest - 1} tokens and its end, got ${blockSize}`,
      );
    }
  }

  get size(): number {
    return this.#begins.length - 1;
  }

  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void {
    const T = this.inputLength;
    const begin = this.#begins[index]!;
    const length = this.#begins[index + 1]! - begin;
    inputs[row * T] = this.#boundary;
    for (let t = 0; t < T; t++) {
      targets[row * T + t] = t < length ? this.#tokens[begin + t]! : IGNORED_TARGET;
      if (t > 0) inputs[row * T + t] = t < length ? this.#tokens[begin + t - 1]! : 0;
    }
  }
}

/**
 * A token an example, for models that predict the last one alone: the `blockSize` tokens before it in its document, with
 * boundaries in front where the document has fewer.
 *
 * @example
 * ```ts
 * // "ab" with a = 1, b = 2 and the boundary 0: [0, 0, 0] -> 1, [0, 0, 1] -> 2, [0, 1, 2] -> 0
 * new DocumentContexts(new Uint16Array([1, 2, 0]), { boundary: 0, blockSize: 3 }).size; // => 3
 * ```
 */
export class DocumentContexts implements ExampleSet {
  readonly inputLength: number;
  readonly targetLength = 1;
  readonly #tokens: TokenArray;
  readonly #boundary: number;

  /** @throws RangeError where there is no document. */
  constructor(tokens: TokenArray, { boundary, blockSize }: DocumentExamplesOptions) {
    expectPositive("DocumentContexts", "blockSize", blockSize);
    expectDocuments("DocumentContexts", tokens, boundary);
    this.inputLength = blockSize;
    this.#tokens = tokens;
    this.#boundary = boundary;
  }

  get size(): number {
    return this.#tokens.length;
  }

  write(index: number, inputs: Int32Array, targets: Int32Array, row: number): void {
    const T = this.inputLength;
    const tokens = this.#tokens;
    targets[row] = tokens[index]!;
    let at = index - 1;
    let t = T - 1;
    for (; t >= 0 && at >= 0 && tokens[at] !== this.#boundary; t--) inputs[row * T + t] = tokens[at--]!;
    for (; t >= 0; t--) inputs[row * T + t] = this.#boundary;
  }
}

function expectDocuments(caller: string, tokens: TokenArray, boundary: number): void {
  if (tokens.at(-1) === boundary) return;
  const got = tokens.length === 0 ? "no tokens" : `the last one ${tokens.at(-1)}`;
  throw new RangeError(`${caller}: expected documents, each with the boundary ${boundary} behind it, got ${got}`);
}

function documentBegins(tokens: TokenArray, boundary: number): Uint32Array {
  let count = 0;
  for (let i = 0; i < tokens.length; i++) if (tokens[i] === boundary) count++;
  const begins = new Uint32Array(count + 1);
  let at = 1;
  for (let i = 0; i < tokens.length; i++) if (tokens[i] === boundary) begins[at++] = i + 1;
  return begins;
}
