/**
 * The contexts of a batch of sequences: what is fed to the model at each step, and what comes back. The keys and values are the
 * cache's to keep.
 *
 * Rows of different lengths end together: shorter ones are padded on the left, where the mask hides the padding.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import type { Session } from "../runtime/session.ts";
import type { CausalLMSignature } from "./causalLMSignature.ts";
import { FreshCache } from "./freshCache.ts";
import type { RowBatch } from "./generateTokens.ts";
import { InPlaceCache } from "./inPlaceCache.ts";
import type { KeyValueCache } from "./keyValueCache.ts";

/**
 * Most tokens of a prompt that are read at once: attention's memory grows with the square of it, and a signal, or whatever waits for the
 * event loop, has its turn after each piece, whatever the binding. Pieces are of equal length, none of a single token.
 */
const PIECE = 512;

export class ContextBatch implements RowBatch {
  readonly #session: Session;
  readonly #signature: CausalLMSignature;
  /** Whether the session can be told to score the last token only. */
  readonly #keepsLogits: boolean;
  readonly #blockSize: number;
  #contexts: number[][];
  /** Tokens of padding before each row. */
  #pads: number[] = [];
  /** Undefined before a prefill. */
  #cache: KeyValueCache | undefined;
  #buffers = new StepBuffers(0);

  constructor(
    session: Session,
    signature: CausalLMSignature,
    blockSize: number,
    prompts: readonly ArrayLike<number>[],
  ) {
    this.#session = session;
    this.#signature = signature;
    const { inputNames, optionalInputNames = [] } = session;
    this.#keepsLogits = signature.keepsLogits && [...inputNames, ...optionalInputNames].includes("num_logits_to_keep");
    this.#blockSize = blockSize;
    this.#contexts = prompts.map((prompt) => Array.from(prompt).slice(-blockSize));
  }

  async forward(signal?: AbortSignal): Promise<Float32Array[]> {
    return this.#cache === undefined ? this.#prefill(signal) : this.#step(this.#cache, signal);
  }

  append(kept: readonly number[], tokens: readonly number[]): void {
    if (kept.length < this.#contexts.length) {
      this.#cache?.keep(kept);
      this.#pads = kept.map((row) => this.#pads[row]);
      this.#buffers = new StepBuffers(kept.length);
    }
    this.#contexts = kept.map((row, index) => {
      const context = this.#contexts[row];
      context.push(tokens[index]);
      if (context.length <= this.#blockSize) return context;
      this.#cache = undefined;
      return context.slice(-Math.max(1, this.#blockSize >> 1));
    });
  }

  /** All tokens of all contexts, in pieces where the model can. */
  async #prefill(signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const contexts = this.#contexts;
    const B = contexts.length;
    const T = Math.max(...contexts.map(({ length }) => length));
    this.#pads = contexts.map(({ length }) => T - length);
    const inPlace = this.#signature.cacheInPlace;
    const sizes = { rows: B, longest: this.#blockSize + Math.max(...this.#pads) };
    const cache = inPlace ? new InPlaceCache(this.#signature, sizes) : new FreshCache(this.#signature, sizes);
    // GroupQueryAttention takes several tokens behind a cache of one row only.
    const count = inPlace && B > 1 ? 1 : Math.ceil(T / PIECE);
    let logits: Float32Array[] = [];
    for (let piece = 0; piece < count; piece++) {
      const end = Math.floor(((piece + 1) * T) / count);
      logits = await this.#piece(cache, end, signal);
    }
    this.#cache = cache;
    this.#buffers = new StepBuffers(B);
    return logits;
  }

  /** The tokens behind those in the cache, up to place `end`. */
  async #piece(cache: KeyValueCache, end: number, signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const B = this.#contexts.length;
    const T = end - cache.length;
    const ids = new BigInt64Array(B * T);
    const positions = new BigInt64Array(B * T);
    const mask = new BigInt64Array(B * end).fill(1n);
    for (const [b, context] of this.#contexts.entries()) {
      const pad = this.#pads[b];
      mask.fill(0n, b * end, b * end + Math.min(pad, end));
      for (let place = Math.max(pad, cache.length); place < end; place++) {
        const at = b * T + place - cache.length;
        ids[at] = BigInt(context[place - pad]);
        positions[at] = BigInt(place - pad);
      }
    }
    const shape = [B, T];
    return this.#run(cache, {
      ids: { dtype: "int64", shape, data: ids },
      positions: { dtype: "int64", shape, data: positions },
      mask: { dtype: "int64", shape: [B, end], data: mask },
      logits: this.#logits(B, T),
      signal,
    });
  }

  /** The last token of each context, behind the cache. */
  async #step(cache: KeyValueCache, signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const B = this.#contexts.length;
    const { ids, positions } = this.#buffers;
    for (const [b, context] of this.#contexts.entries()) {
      ids.data[b] = BigInt(context[context.length - 1]);
      positions.data[b] = BigInt(context.length - 1);
    }
    const total = cache.length + 1;
    const mask = this.#buffers.mask(total, this.#pads);
    this.#buffers.logits ??= this.#logits(B, 1);
    return this.#run(cache, { ids, positions, mask, logits: this.#buffers.logits, signal });
  }

  async #run(cache: KeyValueCache, step: Step): Promise<Float32Array[]> {
    const [B, T] = step.ids.shape;
    const { feeds, fetches, finish } = cache.run(T);
    const outputs = await this.#session.run(
      {
        input_ids: step.ids,
        attention_mask: step.mask,
        position_ids: step.positions,
        ...(this.#keepsLogits && { num_logits_to_keep: ONE }),
        ...feeds,
      },
      { logits: step.logits, ...fetches },
      { signal: step.signal },
    );
    const { data, shape } = outputs.logits;
    const V = this.#signature.vocabSize;
    const rows = step.logits.shape[1];
    if (!(data instanceof Float32Array) || data.length !== B * rows * V) {
      throw new Error(
        `Generator.generate: expected logits [${B}, ${rows}, ${V}] from the model, got [${shape.join(", ")}]`,
      );
    }
    finish(outputs);
    return Array.from({ length: B }, (_, b) => data.subarray(((b + 1) * rows - 1) * V, (b + 1) * rows * V));
  }

  #logits(B: number, T: number): TensorValue {
    const { vocabSize: V } = this.#signature;
    const shape = [B, this.#keepsLogits ? 1 : T, V];
    return { dtype: "float32", shape, data: new Float32Array(shape[0] * shape[1] * V) };
  }
}

interface Step {
  readonly ids: TensorValue;
  readonly positions: TensorValue;
  readonly mask: TensorValue;
  readonly logits: TensorValue;
  readonly signal: AbortSignal | undefined;
}

interface Int64Value extends TensorValue {
  readonly data: BigInt64Array;
}

const ONE: TensorValue = { dtype: "int64", shape: [], data: BigInt64Array.of(1n) };

/** What the steps of a batch are fed from, allocated once. */
class StepBuffers {
  readonly ids: Int64Value;
  readonly positions: Int64Value;
  logits: TensorValue | undefined;
  readonly #rows: number;
  #ones = new BigInt64Array();

  constructor(rows: number) {
    this.#rows = rows;
    this.ids = { dtype: "int64", shape: [rows, 1], data: new BigInt64Array(rows) };
    this.positions = { dtype: "int64", shape: [rows, 1], data: new BigInt64Array(rows) };
  }

  /** 1 for every token, 0 for the padding before each row: [rows, total]. */
  mask(total: number, pads: readonly number[]): TensorValue {
    const size = this.#rows * total;
    if (this.#ones.length < size) this.#ones = new BigInt64Array(2 * size).fill(1n);
    const data = this.#ones.subarray(0, size);
    if (this.#rows > 1) {
      // Rows stand elsewhere than in the step before.
      data.fill(1n);
      for (const [b, pad] of pads.entries()) data.fill(0n, b * total, b * total + pad);
    }
    return { dtype: "int64", shape: [this.#rows, total], data };
  }
}
