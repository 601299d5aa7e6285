/**
 * A gated recurrent unit (Cho et al. 2014, https://arxiv.org/abs/1406.1078), as makemore has it: gates decide what of the memory is
 * read and what is written.
 *
 *     r = sigmoid(W_r [x, h])              what is read of the old memory
 *     z = sigmoid(W_z [x, h])              what is written
 *     c = tanh(W_c [x, r * h])             what would be written
 *     h' = (1 - z) * h + z * c
 *
 * Implementations differ: PyTorch's `nn.GRU` applies r behind the matrix, r * (W h + b), and calls z what is kept. Each matrix
 * here has one bias. The memory at the start is learned, from zeros.
 */

import type { Rng } from "@llm-learning/init";
import {
  add,
  crossEntropy,
  Embedding,
  Linear,
  mul,
  Parameter,
  sigmoid,
  split,
  stack,
  sub,
  tanh,
  tap,
  type Tensor,
} from "@llm-learning/nn-core";
import { expectStaticSequence } from "./expectTokens.ts";
import type { LanguageModel } from "./languageModel.ts";
import { recurrentConfig, eachToken, type RecurrentConfig, sideBySide } from "./recurrent.ts";

/** Predicts each token from a gated memory of those before it. */
export class GRU implements LanguageModel {
  readonly predicts = "every";
  readonly staticLength = true;
  readonly config: RecurrentConfig;
  /** `[H]`: the memory before the first token. */
  readonly start: Parameter;
  readonly tokenEmbedding: Embedding;
  /** The embedding's part of r, z and c: rows r, then z, then c. */
  readonly inputToAll: Linear;
  /** The memory's part of r and z: rows r, then z. */
  readonly hiddenToGates: Linear;
  /** The part of c of what is read of the memory. */
  readonly hiddenToCandidate: Linear;
  readonly output: Linear;

  /** @throws RangeError naming the field that is missing or out of range. */
  constructor(config: RecurrentConfig, { rng }: { rng: Rng }) {
    this.config = recurrentConfig("GRU", config);
    const { vocabSize, nEmbd, nHidden } = config;
    const weightInit = sideBySide(config, rng);
    this.start = new Parameter([nHidden]);
    this.tokenEmbedding = new Embedding(vocabSize, nEmbd, { rng });
    this.inputToAll = new Linear(nEmbd, 3 * nHidden, { rng, weightInit, biasInit: weightInit });
    this.hiddenToGates = new Linear(nHidden, 2 * nHidden, { rng, weightInit, bias: false });
    this.hiddenToCandidate = new Linear(nHidden, nHidden, { rng, weightInit, bias: false });
    this.output = new Linear(nHidden, vocabSize, { rng });
  }

  /** Number of learned values of the model of `config`, without making it. */
  static parameterCount(config: RecurrentConfig): number {
    const { vocabSize: V, nEmbd: C, nHidden: H } = recurrentConfig("GRU", config);
    return V * C + H + 3 * (C + H + 1) * H + (H + 1) * V;
  }

  /**
   * @param inputIds - int32 or int64 `[B, T]`, T a number up to `blockSize`.
   * @returns `logits`, `[B, T, V]`
   */
  forward(inputIds: Tensor): { logits: Tensor } {
    const [, T] = expectStaticSequence("GRU", inputIds, this.config.blockSize);
    const heard = this.inputToAll.forward(this.tokenEmbedding.forward(inputIds)); // [B, T, 3 H]
    let h = this.start.tensor; // [H], then [B, H]
    const steps: Step[] = [];
    for (const token of eachToken(heard, T)) {
      const step = this.#step(token, h);
      h = step.h;
      steps.push(step);
    }
    const hidden = stack(
      steps.map((step) => step.h),
      { axis: 1 },
    ); // [B, T, H]
    return { logits: tap(this.output.forward(watched(hidden, steps)), "logits", { kind: "logits" }) }; // [B, T, V]
  }

  /** Mean cross-entropy of the next token, in nats; `targets` are int32 `[B, T]`. */
  loss(inputIds: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(inputIds).logits, targets, { ignoreIndex: -1 });
  }

  /** One token, `heard` `[B, 3 H]`, changes the memory `h`. */
  #step(heard: Tensor, h: Tensor): Step {
    const H = this.config.nHidden;
    const [toGates, toCandidate] = split(heard, [2 * H, H], { axis: 1 });
    const gates = sigmoid(add(toGates, this.hiddenToGates.forward(h))); // [B, 2 H]
    const [r, z] = split(gates, 2, { axis: 1 }); // [B, H] each
    const c = tanh(add(toCandidate, this.hiddenToCandidate.forward(mul(r, h)))); // [B, H]
    return { r, z, c, h: add(mul(sub(1, z), h), mul(z, c)) };
  }
}

interface Step {
  readonly r: Tensor;
  readonly z: Tensor;
  readonly c: Tensor;
  readonly h: Tensor;
}

/** `hidden` under its name, with the gates of all steps watched beside it. */
function watched(hidden: Tensor, steps: readonly Step[]): Tensor {
  const all = (part: "r" | "z" | "c"): Tensor =>
    stack(
      steps.map((step) => step[part]),
      { axis: 1 },
    ); // [B, T, H]
  let x = tap(hidden, "resetGate", { kind: "sigmoid", value: all("r") });
  x = tap(x, "updateGate", { kind: "sigmoid", value: all("z") });
  x = tap(x, "candidate", { kind: "tanh", value: all("c") });
  return tap(x, "hidden", { value: hidden });
}
