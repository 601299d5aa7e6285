/**
 * Reads one text as a vector, piece by piece: the mean of the last hidden states of its tokens.
 */

import type { SlotRuntime } from "@llm-learning/onnx/node";
import type { EmbeddingTask } from "../engine/engine.ts";

/** Reads a text. A runtime has one at a time. */
export class EmbeddingReader {
  readonly #prompt: readonly number[];
  readonly #hiddenStates: NonNullable<SlotRuntime["hiddenStates"]>;
  #sums = new Float64Array();
  #position = 0;

  constructor({ prompt }: EmbeddingTask, hiddenStates: NonNullable<SlotRuntime["hiddenStates"]>) {
    this.#prompt = prompt;
    this.#hiddenStates = hiddenStates;
  }

  /** Tokens that are yet to be read. */
  get remaining(): number {
    return this.#prompt.length - this.#position;
  }

  /** The mean so far, `[size]`, not normalized. */
  get mean(): Float32Array {
    return Float32Array.from(this.#sums, (sum) => sum / this.#position);
  }

  /** Reads a piece of at most `most` tokens. @returns how many they were. */
  async read(most: number): Promise<number> {
    const from = this.#position;
    const tokens = this.#prompt.slice(from, from + most);
    const { data, size } = await this.#hiddenStates(tokens, { from }); // [tokens.length, size]
    if (from === 0) this.#sums = new Float64Array(size);
    for (let i = 0; i < data.length; i++) this.#sums[i % size] += data[i];
    this.#position += tokens.length;
    return tokens.length;
  }
}
