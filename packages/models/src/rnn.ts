/**
 * A recurrent net (Elman 1990, "Finding Structure in Time"), as makemore has it: a memory that each token changes.
 *
 *     h_t = tanh(W_x embedding(token_t) + W_h h_{t-1} + b),   logits_t = W_o h_t + b_o
 *
 * The memory at the start, h_0, is learned, from zeros.
 */

import type { Rng } from "@llm-learning/init";
import { add, crossEntropy, Embedding, Linear, Parameter, stack, tanh, tap, type Tensor } from "@llm-learning/nn-core";
import { expectStaticSequence } from "./expectTokens.ts";
import type { LanguageModel } from "./languageModel.ts";
import { recurrentConfig, eachToken, type RecurrentConfig, sideBySide } from "./recurrent.ts";

/** Predicts each token from a memory of those before it. */
export class RNN implements LanguageModel {
  readonly predicts = "every";
  readonly staticLength = true;
  readonly config: RecurrentConfig;
  /** `[H]`: the memory before the first token. */
  readonly start: Parameter;
  readonly tokenEmbedding: Embedding;
  readonly inputToHidden: Linear;
  readonly hiddenToHidden: Linear;
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing or out of range. */
  constructor(config: RecurrentConfig, { rng }: { rng: Rng }) {
    this.config = recurrentConfig("RNN", config);
    const { vocabSize, nEmbd, nHidden } = config;
    const weightInit = sideBySide(config, rng);
    this.start = new Parameter([nHidden]);
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.inputToHidden = new Linear(nEmbd, nHidden, { rng, weightInit, biasInit: weightInit });
    this.hiddenToHidden = new Linear(nHidden, nHidden, { rng, weightInit, bias: false });
    this.output = new Linear(nHidden, vocabSize, { rng });
  }

  /** Number of learned values of the model of `config`, without making it. */
  static parameterCount(config: RecurrentConfig): number {
    const { vocabSize: V, nEmbd: C, nHidden: H } = recurrentConfig("RNN", config);
    return V * C + H + (C + H + 1) * H + (H + 1) * V;
  }

  /**
   * @param inputIds - int32 or int64 `[B, T]`, T a number up to `blockSize`.
   * @returns `logits`, `[B, T, V]`
   */
  forward(inputIds: Tensor): { logits: Tensor } {
    const [, T] = expectStaticSequence("RNN", inputIds, this.config.blockSize);
    const heard = this.inputToHidden.forward(this.tokenEmbedding.forward(inputIds)); // [B, T, H]
    let h = this.start.tensor; // [H], then [B, H]
    const memories: Tensor[] = [];
    for (const token of eachToken(heard, T)) {
      h = tanh(add(token, this.hiddenToHidden.forward(h))); // [B, H]
      memories.push(h);
    }
    const hidden = tap(stack(memories, { axis: 1 }), "hidden", { kind: "tanh" }); // [B, T, H]
    return { logits: tap(this.output.forward(hidden), "logits", { kind: "logits" }) }; // [B, T, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B, T]`. */
  loss(inputIds: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(inputIds).logits, targets, { ignoreIndex: -1 });
  }
}
