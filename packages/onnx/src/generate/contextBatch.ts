/**
 * The contexts of a batch of sequences and their KV cache: what is fed to the model at each step, and what comes back.
 *
 * Rows of different lengths end together: shorter ones are padded on the left, where the mask hides the padding.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { Session } from "../runtime/session.ts";
import type { CausalLMSignature } from "./causalLMSignature.ts";

interface Cache {
  /** Tokens of padding before each row. */
  pads: number[];
  /** Tokens in the cache, padding included. */
  length: number;
  /** By input name. */
  values: Record<string, TensorValue>;
}

export class ContextBatch {
  readonly #session: Session;
  readonly #signature: CausalLMSignature;
  readonly #blockSize: number;
  readonly #layers: readonly { readonly input: string; readonly output: string }[];
  #contexts: number[][];
  /** Undefined before a prefill. */
  #cache: Cache | undefined;

  constructor(
    session: Session,
    signature: CausalLMSignature,
    blockSize: number,
    prompts: readonly ArrayLike<number>[],
  ) {
    this.#session = session;
    this.#signature = signature;
    this.#blockSize = blockSize;
    this.#layers = Array.from({ length: signature.nLayer }, (_, layer) => layer).flatMap((layer) =>
      ["key", "value"].map((part) => ({
        input: `past_key_values.${layer}.${part}`,
        output: `present.${layer}.${part}`,
      })),
    );
    this.#contexts = prompts.map((prompt) => Array.from(prompt).slice(-blockSize));
  }

  /** Logits of the token after each context, `[V]` each; valid until the next call. */
  async forward(): Promise<Float32Array[]> {
    const contexts = this.#contexts;
    const B = contexts.length;
    const past = this.#cache ?? this.#emptyCache();
    const isPrefill = past.length === 0;
    const T = isPrefill ? Math.max(...contexts.map(({ length }) => length)) : 1;
    const total = past.length + T;
    const ids = new BigInt64Array(B * T);
    const positions = new BigInt64Array(B * T);
    const mask = new BigInt64Array(B * total).fill(1n);
    contexts.forEach((context, b) => {
      mask.fill(0n, b * total, b * total + past.pads[b]);
      const from = isPrefill ? 0 : context.length - 1;
      for (let i = from; i < context.length; i++) {
        const at = (b + 1) * T - context.length + i;
        ids[at] = BigInt(context[i]);
        positions[at] = BigInt(i);
      }
    });
    const { logits, ...present } = await this.#session.run({
      input_ids: { dtype: "int64", shape: [B, T], data: ids },
      attention_mask: { dtype: "int64", shape: [B, total], data: mask },
      position_ids: { dtype: "int64", shape: [B, T], data: positions },
      ...past.values,
    });
    const values = this.#layers.map(({ input, output }) => [input, present[output]]);
    this.#cache = {
      pads: past.pads,
      length: total,
      values: Object.fromEntries(values) as Record<string, TensorValue>,
    };
    return contexts.map((_, b) => this.#lastLogits(logits, b, B, T));
  }

  /** Goes on with the rows at the indices `kept`, each longer by one token; a context that is then too long is halved. */
  append(kept: readonly number[], tokens: readonly number[]): void {
    if (this.#cache !== undefined && kept.length < this.#contexts.length) {
      this.#cache = keepRows(this.#cache, kept);
    }
    this.#contexts = kept.map((row, index) => {
      const context = this.#contexts[row];
      context.push(tokens[index]);
      if (context.length <= this.#blockSize) return context;
      this.#cache = undefined;
      return context.slice(-Math.max(1, this.#blockSize >> 1));
    });
  }

  #emptyCache(): Cache {
    const { nKvHead, headDim } = this.#signature;
    const shape = [this.#contexts.length, nKvHead, 0, headDim];
    const longest = Math.max(...this.#contexts.map(({ length }) => length));
    const values = this.#layers.map(({ input }) => [input, { dtype: "float32", shape, data: new Float32Array() }]);
    return {
      pads: this.#contexts.map(({ length }) => longest - length),
      length: 0,
      values: Object.fromEntries(values) as Record<string, TensorValue>,
    };
  }

  #lastLogits({ data, shape }: TensorValue, b: number, B: number, T: number): Float32Array {
    const V = this.#signature.vocabSize;
    if (!(data instanceof Float32Array) || data.length !== B * T * V) {
      throw new Error(
        `Generator.generate: expected logits [${B}, ${T}, ${V}] from the model, got [${shape.join(", ")}]`,
      );
    }
    const end = (b + 1) * T * V;
    return data.subarray(end - V, end);
  }
}

function keepRows({ pads, length, values }: Cache, rows: readonly number[]): Cache {
  const kept = Object.entries(values).map(([name, value]): [string, TensorValue] => {
    const data = value.data as Float32Array;
    const size = data.length / value.shape[0];
    const chosen = new Float32Array(rows.length * size);
    rows.forEach((row, index) => chosen.set(data.subarray(row * size, (row + 1) * size), index * size));
    return [name, { dtype: "float32", shape: [rows.length, ...value.shape.slice(1)], data: chosen }];
  });
  return { pads: rows.map((row) => pads[row]), length, values: Object.fromEntries(kept) };
}
