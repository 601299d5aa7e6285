/**
 * Attention as Llama, Qwen3, Mistral, Gemma 2 and gpt-oss use it: queries, keys and values from projections of their own, several heads
 * of queries to one of keys and values (Ainslie et al. 2023, https://arxiv.org/abs/2305.13245).
 *
 * As many heads of keys as of queries make multi-head attention, one makes multi-query attention (Shazeer 2019,
 * https://arxiv.org/abs/1911.02150). With `memory` it is cross attention: tokens hear another sequence instead of each other.
 */

import {
  Dropout,
  formatShape,
  type Initializer,
  isTensor,
  Linear,
  type Operand,
  Parameter,
  reshape,
  type Rng,
  type Tensor,
  toTensor,
  transpose,
} from "@llm-learning/nn-core";
import { attend, type AttentionContext, type AttentionResult, placed, withPast } from "./attend.ts";
import type { KeyValueCache } from "./keyValueCache.ts";

/** A normalization over the last axis, such as RMSNorm or LayerNorm of size headDim. */
export interface HeadNorm {
  forward(x: Tensor): Tensor;
}

/** Heads, who may hear whom, norms, biases, dropout and initial weights of a {@link GroupedQueryAttention}. */
export interface GroupedQueryAttentionOptions {
  /** Draws the initial weights where an initializer is not given. */
  rng: Rng;
  /** Heads of queries. */
  numHeads: number;
  /** Heads of keys and values; divides numHeads. @defaultValue numHeads */
  numKeyValueHeads?: number;
  /** Width of a head. @defaultValue embedDim / numHeads */
  headDim?: number;
  /** Width of the tokens of `memory`, where keys and values come from. @defaultValue embedDim */
  memoryDim?: number;
  /** A token attends itself and earlier ones only. @defaultValue false */
  causal?: boolean;
  /** A token attends only those less than this many positions away. @defaultValue all */
  window?: number;
  /** Scores are bent to within this bound. @defaultValue none */
  softCap?: number;
  /** A learned score for each head that takes part in the softmax and has no value; starts at 0. @defaultValue false */
  sinks?: boolean;
  /**
   * Queries at a time, so that memory grows with the length instead of its square; an integer >= 1. It changes nothing where lengths are
   * names. @defaultValue all
   */
  chunk?: number;
  /** Applied to each head's queries, before they are turned. @defaultValue none */
  queryNorm?: HeadNorm;
  /** Applied to each head's keys, before they are turned. @defaultValue none */
  keyNorm?: HeadNorm;
  /** Biases of the query, key and value projections. @defaultValue false */
  qkvBias?: boolean;
  /** Bias of the output projection. @defaultValue false */
  outputBias?: boolean;
  /** Factor of the scores. @defaultValue 1 / sqrt(headDim) */
  scale?: number;
  /** Dropout of the attention probabilities in training. @defaultValue 0 */
  dropout?: number;
  /** Of the weights of all projections. @defaultValue as Linear */
  weightInit?: Initializer;
  /** Of the output projection's weight, where it differs. @defaultValue weightInit */
  outputInit?: Initializer;
  /** Of the biases of all projections. @defaultValue as Linear */
  biasInit?: Initializer;
}

/** What a forward pass is given besides its input, and what it hears instead of itself. */
export interface GroupedQueryContext extends AttentionContext {
  /**
   * Another sequence to hear, `[B, S, memoryDim]`, or the `present` of an earlier pass over it, so that its keys and values need not be
   * computed again. Who may hear what of it is said by `mask` alone.
   */
  memory?: Tensor | KeyValueCache | undefined;
}

/**
 * Self- or cross attention of `numHeads` heads of queries over `numKeyValueHeads` heads of keys and values.
 *
 * @example
 * ```ts
 * // As in Qwen3: grouped heads, norms of queries and keys, rotary positions.
 * const attention = new GroupedQueryAttention(64, {
 *   rng, numHeads: 8, numKeyValueHeads: 2, causal: true, queryNorm: new RMSNorm(8), keyNorm: new RMSNorm(8),
 * });
 * const rotation = rotationAt(positionIds, rotaryFrequencies(8, { theta: 1e6 }));
 * const { output } = attention.forward(x, { rotation });
 * ```
 */
export class GroupedQueryAttention {
  /** `[numHeads * headDim, embedDim]` */
  readonly query: Linear;
  /** `[numKeyValueHeads * headDim, memoryDim]` */
  readonly key: Linear;
  /** `[numKeyValueHeads * headDim, memoryDim]` */
  readonly value: Linear;
  /** `[embedDim, numHeads * headDim]` */
  readonly output: Linear;
  readonly queryNorm: HeadNorm | undefined;
  readonly keyNorm: HeadNorm | undefined;
  /** `[numHeads]` */
  readonly sinks: Parameter | undefined;
  readonly dropout: Dropout;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly causal: boolean;
  readonly window: number | undefined;
  readonly softCap: number | undefined;
  readonly chunk: number | undefined;
  /** Factor of the scores. */
  readonly scale: number;

  /** @throws RangeError for numbers of heads that are no integers >= 1 or do not divide each other, or a fractional headDim. */
  constructor(embedDim: number, options: GroupedQueryAttentionOptions) {
    const { rng, numHeads, numKeyValueHeads = numHeads, headDim = embedDim / numHeads, memoryDim = embedDim } = options;
    const { causal = false, sinks = false, dropout = 0, qkvBias = false, outputBias = false } = options;
    const { weightInit, outputInit = weightInit, biasInit } = options;
    checkHeads(numHeads, numKeyValueHeads);
    if (!Number.isSafeInteger(headDim) || headDim < 1) {
      throw new RangeError(
        `GroupedQueryAttention: expected headDim to be an integer >= 1, got ${headDim} ` +
          `(embedDim ${embedDim}, numHeads ${numHeads}); give headDim where numHeads does not divide embedDim`,
      );
    }
    const init = { rng, ...(weightInit && { weightInit }), ...(biasInit && { biasInit }) };
    const [width, shared] = [numHeads * headDim, numKeyValueHeads * headDim];
    this.query = new Linear(embedDim, width, { ...init, bias: qkvBias });
    this.key = new Linear(memoryDim, shared, { ...init, bias: qkvBias });
    this.value = new Linear(memoryDim, shared, { ...init, bias: qkvBias });
    this.output = new Linear(width, embedDim, {
      ...init,
      bias: outputBias,
      ...(outputInit && { weightInit: outputInit }),
    });
    this.queryNorm = options.queryNorm;
    this.keyNorm = options.keyNorm;
    this.sinks = sinks ? new Parameter([numHeads]) : undefined;
    this.dropout = new Dropout(dropout);
    this.numHeads = numHeads;
    this.numKeyValueHeads = numKeyValueHeads;
    this.headDim = headDim;
    this.causal = causal;
    this.window = options.window;
    this.softCap = options.softCap;
    this.chunk = options.chunk;
    this.scale = options.scale ?? 1 / Math.sqrt(headDim);
  }

  /**
   * @param x - `[B, T, embedDim]`
   * @throws RangeError if `x` or `memory` is of another rank or width, or a mask, bias, rotation or cache does not fit; Error if
   * `memory` is given to a layer, or together with a context, that speaks of positions in `x` itself.
   * @returns `output` `[B, T, embedDim]`; `present`, the cache for the next tokens, or of `memory`; `probabilities` `[B, H, T, P + T]` or
   * `[B, H, T, S]`.
   */
  forward(x: Operand, context: GroupedQueryContext = {}): AttentionResult {
    const { memory } = context;
    const input = toTensor(x);
    expectSequence("x [B, T, embedDim]", input);
    if (memory !== undefined) this.#expectNoPositions(context);
    const q = this.#heads(this.query, input, this.numHeads, context); // [B, H, T, D]
    const query = placed(this.queryNorm?.forward(q) ?? q, "query", context);
    const heard = this.#hear(memory ?? input, context); // [B, Hkv, S, D]
    const { output, probabilities } = attend(query, heard, this, context);
    return { output: this.output.forward(output, context.training), present: heard, probabilities };
  }

  /** Keys and values of a sequence, behind those of the past. */
  #hear(source: Tensor | KeyValueCache, context: GroupedQueryContext): KeyValueCache {
    if (!isTensor(source)) return source;
    expectSequence("memory [B, S, memoryDim]", source);
    const k = this.#heads(this.key, source, this.numKeyValueHeads, context); // [B, Hkv, S, D]
    const value = this.#heads(this.value, source, this.numKeyValueHeads, context); // [B, Hkv, S, D]
    return withPast({ key: placed(this.keyNorm?.forward(k) ?? k, "key", context), value }, context);
  }

  #heads(projection: Linear, x: Tensor, heads: number, { training }: GroupedQueryContext): Tensor {
    const [B, T] = x.shape;
    const y = projection.forward(x, training); // [B, T, heads * D]
    return transpose(reshape(y, [B, T, heads, this.headDim]), [0, 2, 1, 3]); // [B, heads, T, D]
  }

  #expectNoPositions({ past, rotation }: GroupedQueryContext): void {
    const given = {
      "causal: true": this.causal,
      window: this.window !== undefined,
      past: past !== undefined,
      rotation: rotation !== undefined,
    };
    const wrong = Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
    if (wrong.length === 0) return;
    throw new Error(
      `GroupedQueryAttention.forward: expected neither causal, window, past nor rotation beside memory, whose ` +
        `positions are its own, got ${wrong.join(", ")}`,
    );
  }
}

function checkHeads(numHeads: number, numKeyValueHeads: number): void {
  const fits = [numHeads, numKeyValueHeads].every((heads) => Number.isSafeInteger(heads) && heads >= 1);
  if (fits && numHeads % numKeyValueHeads === 0) return;
  throw new RangeError(
    `GroupedQueryAttention: expected numHeads to be a multiple of numKeyValueHeads, both integers >= 1, ` +
      `got ${numHeads} and ${numKeyValueHeads}`,
  );
}

function expectSequence(what: string, x: Tensor): void {
  if (x.rank === 3) return;
  throw new RangeError(`GroupedQueryAttention.forward: expected ${what}, got ${formatShape(x.shape)}`);
}
