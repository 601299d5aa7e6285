/**
 * The bigram model as a neural net: a table whose row for a token holds the scores of the token that follows.
 *
 * It looks at one token only. Trained long enough it becomes the table of counted bigrams, log(count + smoothing), which makes
 * it the first model of both lectures: of makemore, where the table is a one-hot row times a matrix W, and of "Let's build GPT",
 * where it is an embedding.
 */

import { normal, type Rng } from "@llm-learning/init";
import {
  add,
  crossEntropy,
  Embedding,
  mean,
  mul,
  square,
  tap,
  type Tensor,
  type Training,
} from "@llm-learning/nn-core";
import { expectScales, expectSizes, withDefaults } from "./checkConfig.ts";
import { expectSequence } from "./expectTokens.ts";
import type { LanguageModel } from "./languageModel.ts";

/** Sizes and choices of a {@link Bigram}. */
export interface BigramConfig {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Longest window, in tokens: each of its tokens is an example. */
  readonly blockSize: number;
  /** Standard deviation of the scores at the start, >= 0: 1 as in the lectures. */
  readonly std: number;
  /** Weight of mean(table^2), added to the loss in training, >= 0: it pulls the scores together, as counts added to each pair do. */
  readonly penalty: number;
}

/** Sizes, and choices that differ from `std` 1 and `penalty` 0. */
export type BigramOptions = Pick<BigramConfig, "vocabSize" | "blockSize"> & Partial<BigramConfig>;

/** Scores of the next token, looked up by the token before it. */
export class Bigram implements LanguageModel {
  readonly predicts = "every";
  readonly config: BigramConfig;
  /** `[V, V]`: row a, column b is the score of b after a. */
  readonly table: Embedding;

  /** @throws RangeError naming the field that is missing or out of range. */
  constructor(options: BigramOptions, { rng }: { rng: Rng }) {
    this.config = bigramConfig(options);
    const { vocabSize: V, std } = this.config;
    this.table = new Embedding(V, V, { rng, weightInit: (data) => normal(data, { std, rng }) });
  }

  /** Number of learned values of the model of `options`, without making it. */
  static parameterCount(options: BigramOptions): number {
    return bigramConfig(options).vocabSize ** 2;
  }

  /**
   * @param inputIds - int32 or int64 `[B, T]`
   * @returns `logits`, `[B, T, V]`
   */
  forward(inputIds: Tensor): { logits: Tensor } {
    expectSequence("Bigram", inputIds, this.config.blockSize);
    return { logits: tap(this.table.forward(inputIds), "logits", { kind: "logits" }) }; // [B, T, V]
  }

  /** Mean cross-entropy of the next token, in nats; in training plus `penalty * mean(table^2)`. */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor {
    const loss = crossEntropy(this.forward(inputIds).logits, targets, { ignoreIndex: -1 });
    const { penalty } = this.config;
    if (training === undefined || penalty === 0) return loss;
    return add(loss, mul(penalty, mean(square(this.table.weight))));
  }
}

function bigramConfig(options: BigramOptions): BigramConfig {
  const config = withDefaults<BigramConfig>({ std: 1, penalty: 0 }, options);
  expectSizes("Bigram", config, ["vocabSize", "blockSize"]);
  expectScales("Bigram", config, ["std", "penalty"]);
  return config;
}
