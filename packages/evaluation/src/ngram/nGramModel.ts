/**
 * A language model made of counts. However it was smoothed, it is kept in the form of back-off models (as ARPA files keep
 * them): a probability for each gram that was counted, and a weight for each context, which the probability under the
 * next shorter context is multiplied by where the gram was not counted.
 *
 *     P(w | context) = probability[context w]                                    if `context w` was counted
 *                      backOff[context] * P(w | context without its first token)  otherwise, 1/V in the end
 *
 * So one number is looked up for most tokens of a text, and a few for the others.
 */

import { ContextCursor } from "./contextCursor.ts";
import { evaluateNGrams, type NGramEvaluation, type NGramEvaluationOptions } from "./evaluateNGrams.ts";
import { generateTokens, type GenerateOptions, drawToken, type UniformSource } from "./generateTokens.ts";
import type { NGramCounts } from "./nGramCounts.ts";
import { type AsyncTokenStream, forEachChunk, forEachChunkAsync, type TokenIds, type TokenStream } from "./tokenIds.ts";

/** The numbers that a way of smoothing makes of counts, by length of the gram or context. */
export interface NGramTables {
  /** `probabilities[k][node]`: of each gram of length k, from 1 to order, its last token's given the others. Unused at 0. */
  readonly probabilities: readonly Float64Array[];
  /** `backOffs[k][node]`: of each context of length k, from 0 to order - 1. */
  readonly backOffs: readonly Float64Array[];
  /** What a back-off goes to: the next shorter context, or at once to 1/V. */
  readonly lower: "shorter" | "uniform";
  /** The weight of that for a context that was never counted: 1, or 0 where nothing is possible after it. */
  readonly unseen: 0 | 1;
}

/**
 * A language model made of counts; `addK`, `interpolated`, `kneserNey` and others make it.
 *
 * @example
 * ```ts
 * const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });
 * const model = addK(counts, 1);
 * model.probability([0], 1); // => (2 + 1) / (2 + 3)
 * model.evaluate([0, 1, 2]).averageNll; // => -Math.log((3 / 8) * (3 / 5) * (2 / 5)) / 3
 * ```
 */
export class NGramModel {
  /** In words, such as "Kneser-Ney 5-gram". */
  readonly name: string;
  readonly counts: NGramCounts;
  readonly tables: NGramTables;
  /**
   * For methods that discount, by length of the grams, unigrams first: what is taken from the counts 1, 2, ...; the last
   * amount is taken from all larger counts as well.
   */
  readonly discounts: readonly (readonly number[])[] | undefined;

  constructor(
    name: string,
    counts: NGramCounts,
    tables: NGramTables,
    discounts: readonly (readonly number[])[] | undefined = undefined,
  ) {
    this.name = name;
    this.counts = counts;
    this.tables = tables;
    this.discounts = discounts;
  }

  /** The length of its longest grams: it looks at `order - 1` tokens before the one to be predicted. */
  get order(): number {
    return this.counts.order;
  }

  get vocabSize(): number {
    return this.counts.vocabSize;
  }

  /**
   * `P(token | context)`.
   *
   * @param context - Ids; the last `order - 1` of them matter. Fewer are a text's beginning: under counts with a boundary
   * what stands before them is the boundary, under others nothing, and shorter grams decide.
   * @returns From 0 to 1. 0 only without smoothing.
   * @throws RangeError for an id out of range.
   */
  probability(context: TokenIds, token: number): number {
    checkId("NGramModel.probability", token, this.vocabSize);
    return this.probabilityAt(this.cursorAfter("NGramModel.probability", context), token);
  }

  /**
   * The probability of every token after `context`.
   *
   * @returns `[V]`, adding up to 1; all 0 for a context that was never counted where nothing smooths (`addK` with k = 0).
   * @throws RangeError for an id out of range.
   */
  distribution(context: TokenIds): Float64Array {
    return this.distributionAt(this.cursorAfter("NGramModel.distribution", context));
  }

  /**
   * The loss of each token of a text, `-ln P(token | those before it)`, in nats. Infinite for tokens of probability 0.
   *
   * @returns `[N]`
   * @throws RangeError for an id out of range.
   */
  losses(ids: TokenIds): Float64Array {
    const losses = new Float64Array(ids.length);
    const cursor = new ContextCursor(this.counts);
    for (let i = 0; i < ids.length; i++) {
      checkId("NGramModel.losses", ids[i], this.vocabSize);
      losses[i] = 0 - Math.log(this.probabilityAt(cursor, ids[i]));
      cursor.step(ids[i]);
    }
    return losses;
  }

  /**
   * How well the model predicts a text: the loss of all of its tokens, and which were impossible.
   *
   * @param ids - Read as one text (under counts with a boundary: as documents), from the beginning.
   * @throws RangeError for an id out of range, and if no token is left to be scored.
   */
  evaluate(ids: TokenStream, options: NGramEvaluationOptions = {}): NGramEvaluation {
    const evaluation = evaluateNGrams(this, "NGramModel.evaluate", options);
    forEachChunk("NGramModel.evaluate", ids, (chunk) => evaluation.add(chunk));
    return evaluation.result();
  }

  /** {@link NGramModel.evaluate} for a stream that arrives bit by bit. */
  async evaluateAsync(
    ids: TokenStream | AsyncTokenStream,
    options: NGramEvaluationOptions = {},
  ): Promise<NGramEvaluation> {
    const evaluation = evaluateNGrams(this, "NGramModel.evaluateAsync", options);
    await forEachChunkAsync("NGramModel.evaluateAsync", ids, (chunk) => evaluation.add(chunk));
    return evaluation.result();
  }

  /**
   * Draws the next token.
   *
   * @throws RangeError for an id out of range, and where every token has probability 0.
   */
  sample(context: TokenIds, rng: UniformSource): number {
    return drawToken("NGramModel.sample", this.distribution(context), rng);
  }

  /**
   * Writes on: token after token, each drawn given those before it, up to a number or to the boundary.
   *
   * @returns The new tokens, without the boundary that ended them.
   * @throws RangeError for an id or option out of range, and where every token has probability 0.
   *
   * @example
   * ```ts
   * const counts = NGramCounts.from([1, 1, 2, 0, 1, 2, 0], { order: 3, vocabSize: 3, boundary: 0 });
   * kneserNey(counts).generate({ rng: new Rng(1), maxTokens: 10 }); // => [1, 2]
   * ```
   */
  generate(options: GenerateOptions): number[] {
    return generateTokens(this, options);
  }

  /** Where a text that begins with `context` has come to. */
  cursorAfter(caller: string, context: TokenIds): ContextCursor {
    const cursor = new ContextCursor(this.counts);
    const first = Math.max(0, context.length - (this.order - 1));
    for (let i = 0; i < context.length; i++) {
      checkId(caller, context[i], this.vocabSize);
      if (i >= first) cursor.step(context[i]);
    }
    return cursor;
  }

  /** `P(token | where the cursor is)`. */
  probabilityAt({ nodes, length }: ContextCursor, token: number): number {
    const { trie, vocabSize } = this.counts;
    const { probabilities, backOffs, lower, unseen } = this.tables;
    const shortest = lower === "uniform" ? length : 0;
    let weight = 1;
    for (let k = length; k >= shortest; k--) {
      const node = nodes[k];
      if (node < 0) {
        weight *= unseen;
        continue;
      }
      const gram = trie.child(k, node, token);
      // A sum of what is kept and what is handed down may round to a little more than 1.
      if (gram >= 0) return Math.min(1, weight * probabilities[k + 1][gram]);
      weight *= backOffs[k][node];
    }
    return Math.min(1, weight / vocabSize);
  }

  /** The distribution of the token that follows where the cursor is. */
  distributionAt({ nodes, length }: ContextCursor): Float64Array {
    const { levels } = this.counts.trie;
    const { probabilities, backOffs, lower, unseen } = this.tables;
    const distribution = new Float64Array(this.vocabSize).fill(1 / this.vocabSize);
    for (let k = lower === "uniform" ? length : 0; k <= length; k++) {
      const node = nodes[k];
      const weight = node < 0 ? unseen : backOffs[k][node];
      if (weight !== 1) for (let token = 0; token < distribution.length; token++) distribution[token] *= weight;
      if (node < 0) continue;
      const { children } = levels[k];
      const { tokens } = levels[k + 1];
      for (let gram = children[node]; gram < children[node + 1]; gram++) {
        distribution[tokens[gram]] = Math.min(1, probabilities[k + 1][gram]);
      }
    }
    return distribution;
  }
}

/** @throws RangeError unless `id` is an integer in [0, V). */
function checkId(caller: string, id: number, vocabSize: number): void {
  if (!(id >>> 0 === id && id < vocabSize)) {
    throw new RangeError(`${caller}: expected ids from 0 to ${vocabSize - 1}, got ${String(id)}`);
  }
}
