/**
 * The contexts of a batch of sequences for a model without a cache: the last tokens of each are fed anew at every step.
 *
 * A model that reads exactly `blockSize` tokens and scores what follows them has its shorter contexts padded in front, with the
 * token that stood there in training. A model that scores every token hears none before its turn: what fills its window
 * stands behind the context, and contexts of different lengths run in one batch.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { Session } from "../runtime/session.ts";
import type { RowBatch } from "./generateTokens.ts";
import type { NextTokenSignature } from "./nextTokenSignature.ts";

export class WindowBatch implements RowBatch {
  readonly #session: Session;
  readonly #signature: NextTokenSignature;
  readonly #padId: bigint;
  #contexts: number[][];

  constructor(
    session: Session,
    signature: NextTokenSignature,
    { prompts, padId }: { prompts: readonly ArrayLike<number>[]; padId: number },
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#padId = BigInt(padId);
    this.#contexts = prompts.map((prompt) => Array.from(prompt).slice(-signature.blockSize));
  }

  async forward(signal?: AbortSignal): Promise<Float32Array[]> {
    const { blockSize, anyLength, predicts } = this.#signature;
    const contexts = this.#contexts;
    const B = contexts.length;
    const T = anyLength ? Math.max(...contexts.map(({ length }) => length)) : blockSize;
    const ids = new BigInt64Array(B * T).fill(this.#padId); // [B, T]
    for (const [b, context] of contexts.entries()) {
      const at = predicts === "last" ? (b + 1) * T - context.length : b * T;
      for (let i = 0; i < context.length; i++) ids[at + i] = BigInt(context[i]);
    }
    const feeds: Record<string, TensorValue> = { input_ids: { dtype: "int64", shape: [B, T], data: ids } };
    const { logits } = await this.#session.run(feeds, { logits: undefined }, { signal });
    const V = this.#signature.vocabSize;
    const rows = predicts === "last" ? 1 : T;
    const { data, shape } = logits;
    if (!(data instanceof Float32Array) || data.length !== B * rows * V) {
      throw new Error(
        `WindowGenerator.generate: expected logits [${B}, ${rows}, ${V}] from the model, got [${shape.join(", ")}]`,
      );
    }
    return contexts.map(({ length }, b) => {
      const row = b * rows + Math.min(length, rows) - 1;
      return data.subarray(row * V, (row + 1) * V);
    });
  }

  append(kept: readonly number[], tokens: readonly number[]): void {
    this.#contexts = kept.map((row, index) => {
      const context = this.#contexts[row];
      context.push(tokens[index]);
      if (context.length > this.#signature.blockSize) context.shift();
      return context;
    });
  }
}
