/**
 * What nanoGPT needs to know of a run to go on with it: the model's sizes and the settings of its train.py, under its names.
 *
 * @see https://github.com/karpathy/nanoGPT
 */

import type { GPT } from "@llm-learning/models";
import type { TrainConfig } from "../../config/trainConfig.ts";
import { mixtureOf } from "../../data/dataMixture.ts";
import { UsageError } from "../../usageError.ts";
import type { ExportOrigin } from "../exportModel.ts";

/** Ids in train.bin and val.bin have 16 bits. */
const MAX_VOCABULARY = 65_536;

/** @throws UsageError for a run that nanoGPT's model or its data cannot express. */
export function expectNanoGpt({ config }: GPT, run: TrainConfig): void {
  const choices: readonly [isTheirs: boolean, expected: string, got: string][] = [
    [!run.lines, "a run on a text", "one on lines: nanoGPT trains on windows of one text"],
    [config.activation !== "relu", "a GPT with GELU", `activation ${config.activation}`],
    [config.tieWeights, "a GPT with tied weights", "a separate output layer"],
    [config.qkvBias || !config.bias, "biases in all layers or in none", "qkvBias false where bias is true"],
    [config.nHidden === 4 * config.nEmbd, "feed-forward layers 4 times as wide", `nHidden ${config.nHidden}`],
    [config.normEps === 1e-5, "LayerNorm with epsilon 1e-5", `normEps ${config.normEps}`],
    [
      config.vocabSize <= MAX_VOCABULARY,
      `a vocabulary of at most ${MAX_VOCABULARY} tokens, whose ids have 16 bits there`,
      `one of ${config.vocabSize}`,
    ],
  ];
  const wrong = choices.find(([isTheirs]) => !isTheirs);
  if (wrong !== undefined) throw new UsageError(`expected ${wrong[1]} for --format nanogpt, got ${wrong[2]}`);
}

/** Keys by which a kind of parameters is treated otherwise than others. */
const roleKeys = [
  "matrixRate",
  "embeddingRate",
  "outputRate",
  "vectorRate",
  "embeddingDecay",
  "vectorDecay",
  "baseWidth",
] as const satisfies readonly (keyof TrainConfig)[];

/** What nanoGPT computes otherwise than the run did, a sentence each. */
export function nanoGptWarnings({ config }: GPT, run: TrainConfig): string[] {
  const warnings: string[] = [];
  if (config.activation === "gelu") {
    warnings.push(
      "nanoGPT computes GELU exactly, this model in GPT-2's tanh form: logits differ a little there, as those of OpenAI's GPT-2 do; " +
        "a run with --activation exact-gelu is the same in both",
    );
  }
  if (run.optimizer === "sgd") {
    warnings.push("nanoGPT has AdamW alone: what SGD remembers is left out, and its learning rate is too high there");
  } else if (run.optimizer === "lion" || run.optimizer === "muon") {
    const name = { lion: "Lion", muon: "Muon" }[run.optimizer];
    warnings.push(
      `nanoGPT has AdamW alone: what ${name} remembers is left out, and its learning rate may not serve there`,
    );
  } else if (run.optimizer === "adam") {
    warnings.push("nanoGPT has AdamW alone, whose weight decay is apart from the gradients, which Adam's is not");
  }
  if (run.schedule === "step") warnings.push("nanoGPT's schedule has no step: it goes on at the rate of now");
  if (run.schedule === "linear" || run.schedule === "wsd") {
    warnings.push("nanoGPT's rate falls along a cosine or not at all: it goes on at the highest rate");
  }
  if (mixtureOf(run.data).length > 1) {
    warnings.push("nanoGPT knows no mixture: the texts stand one behind the other, each drawn from by its length");
  } else if (run.order === "shuffled") {
    warnings.push("nanoGPT draws windows at random, some of them more than once before others come");
  }
  const roles = roleKeys.filter((key) => run[key] !== undefined);
  if (roles.length > 0) {
    warnings.push(
      `nanoGPT has one rate, and one decay for all but vectors: ${roles.join(", ")} of this run are left out`,
    );
  }
  if (run.averaging !== "none") {
    warnings.push(
      "the weights are those of the last step, to be trained on, not their average, which is in the best checkpoint",
    );
  }
  return warnings;
}

/** The content of `config.json`. */
export function nanoGptConfig(
  { config: { nLayer, nHead, nEmbd, blockSize, bias, vocabSize, dropout } }: GPT,
  run: TrainConfig,
  { step, bestValLoss, origin }: { step: number; bestValLoss: number | undefined; origin: ExportOrigin },
): Record<string, unknown> {
  return {
    model_type: "nanogpt",
    n_layer: nLayer,
    n_head: nHead,
    n_embd: nEmbd,
    block_size: blockSize,
    bias,
    vocab_size: vocabSize,
    dropout,
    iter_num: step,
    best_val_loss: bestValLoss ?? null,
    eps: run.eps ?? 1e-8,
    train: {
      batch_size: run.batchSize,
      gradient_accumulation_steps: run.gradientAccumulation,
      learning_rate: run.schedule === "step" && step >= run.decaySteps ? run.minLearningRate : run.learningRate,
      min_lr: run.minLearningRate,
      decay_lr: run.schedule === "cosine",
      warmup_iters: run.warmupSteps,
      lr_decay_iters: run.decaySteps,
      max_iters: run.maxSteps,
      weight_decay: run.weightDecay,
      beta1: run.beta1 ?? 0.9,
      beta2: run.beta2 ?? 0.95,
      grad_clip: run.gradClip,
      eval_interval: run.evalInterval,
      eval_iters: run.evalBatches,
      log_interval: run.logInterval,
    },
    llm_learning: origin,
  };
}
