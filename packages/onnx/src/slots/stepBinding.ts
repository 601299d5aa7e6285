/**
 * What a step over a number of rows is fed and what it fills: made once for each number, so that a step changes a few numbers and a
 * session knows the rest already.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { CausalLMSignature } from "../generate/causalLMSignature.ts";
import type { RaggedModel } from "./raggedModel.ts";
import { int64 } from "./tokenRuns.ts";

type Values = Readonly<Record<string, TensorValue>>;

export class StepBinding {
  /** Frozen, as is `fetches`: the same record at every step. */
  readonly feeds: Values;
  readonly fetches: Values;
  /** `[V]` of each row. */
  readonly logits: readonly Float32Array[];
  readonly #ids: BigInt64Array;
  readonly #positions: BigInt64Array;
  readonly #lastPlaces: Int32Array;
  readonly #longest = new Int32Array(1);

  constructor(
    {
      lastPlaces,
      longest,
      signature: { vocabSize: V },
    }: Pick<RaggedModel, "lastPlaces" | "longest"> & { readonly signature: CausalLMSignature },
    { count: B, feeds, fetches }: { readonly count: number; readonly feeds: Values; readonly fetches: Values },
  ) {
    this.#ids = new BigInt64Array(B);
    this.#positions = new BigInt64Array(B);
    this.#lastPlaces = new Int32Array(B);
    this.feeds = Object.freeze({
      input_ids: int64([B, 1], this.#ids),
      position_ids: int64([B, 1], this.#positions),
      [lastPlaces]: { dtype: "int32", shape: [B], data: this.#lastPlaces } satisfies TensorValue,
      [longest]: { dtype: "int32", shape: [1], data: this.#longest } satisfies TensorValue,
      ...feeds,
    });
    const logits = new Float32Array(B * V);
    this.fetches = Object.freeze({
      logits: { dtype: "float32", shape: [B, 1, V], data: logits } satisfies TensorValue,
      ...fetches,
    });
    this.logits = Array.from({ length: B }, (_, row) => logits.subarray(row * V, (row + 1) * V));
  }

  /** Each row gets a token that means nothing behind those that it holds: it is written where the next one is to stand. */
  clear(lengthIn: (row: number) => number, blockSize: number): void {
    let longest = 0;
    for (let row = 0; row < this.#ids.length; row++) {
      const length = lengthIn(row);
      longest = Math.max(longest, length + 1);
      this.#ids[row] = 0n;
      this.#positions[row] = BigInt(Math.min(length, blockSize - 1));
      this.#lastPlaces[row] = length;
    }
    this.#longest[0] = longest;
  }

  setToken(row: number, token: number): void {
    this.#ids[row] = BigInt(token);
  }
}
