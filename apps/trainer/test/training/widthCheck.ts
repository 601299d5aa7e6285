/**
 * Trains small GPTs of several widths on the same text, for the checks of scaling by width.
 */

import { bundledBook } from "@llm-learning/datasets/node";
import { Rng } from "@llm-learning/init";
import { compile, grad, trace, trainableParameters } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import type { GPT } from "@llm-learning/models";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { buildModel } from "../../src/model/buildModel.ts";
import { createOptimizer } from "../../src/training/optimizer.ts";

/** What is trained on. */
export interface Corpus {
  readonly vocabSize: number;
  /** Examples in a batch, and tokens in an example. */
  readonly rows: number;
  readonly length: number;
  /** Draws the tokens of an example and the one behind it. */
  readonly draw: (rng: Rng) => ArrayLike<number>;
}

/** Walks among 32 numbers, whose next one is known in three of four steps. */
const walks: Corpus = { vocabSize: 32, rows: 8, length: 16, draw: walk };

/** Characters of the bundled book. */
export async function book(): Promise<Corpus> {
  const text = await bundledBook("moby-dick");
  const tokenizer = CharacterTokenizer.fromText(text);
  const tokens = tokenizer.encode(text);
  const length = 32;
  const draw = (rng: Rng): Uint32Array => {
    const begin = rng.integer(tokens.length - length);
    return tokens.subarray(begin, begin + length + 1);
  };
  return { vocabSize: tokenizer.vocabSize, rows: 16, length, draw };
}

/** A GPT that is `nEmbd` wide, with heads of 16. */
function widthConfig(nEmbd: number, blockSize: number, changes: Partial<TrainConfig>): TrainConfig {
  return resolveConfig({
    nLayer: 2,
    nHead: nEmbd / 16,
    nEmbd,
    blockSize,
    bias: false,
    tieWeights: false,
    init: "gpt2",
    threads: 2,
    schedule: "constant",
    weightDecay: 0,
    ...changes,
  });
}

/** What a model of one width did. */
interface WidthRun {
  /** Mean of `|value|` of residual stream and logits, before and after the steps, on one batch. */
  readonly sizes: Readonly<Record<"residual" | "logits", readonly [before: number, after: number]>>;
  /** Mean of `|change|` by the steps. */
  readonly changes: Readonly<Record<"residual" | "logits", number>>;
  /** Loss of the last steps, their mean. */
  readonly loss: number;
}

/** Takes `steps` at one rate, to which `warmupSteps` rise. */
export async function trainWidth(
  nEmbd: number,
  steps: number,
  changes: Partial<TrainConfig>,
  { corpus = walks, warmupSteps = 0 }: { corpus?: Corpus; warmupSteps?: number } = {},
): Promise<WidthRun> {
  const config = widthConfig(nEmbd, corpus.length, changes);
  const model = buildModel(config, corpus.vocabSize, new Rng(config.seed)) as GPT;
  const parameters = trainableParameters(model);
  const optimizer = createOptimizer(model, config);
  const graph = trace(
    {
      inputs: { shape: [corpus.rows, corpus.length], dtype: "int32" },
      targets: { shape: [corpus.rows, corpus.length], dtype: "int32" },
    },
    ({ inputs, targets }) => {
      const loss = model.loss(inputs, targets);
      const { logits, residual } = model.forward(inputs);
      const gradients = grad(loss, [...parameters.values()]);
      return {
        loss,
        logits,
        residual,
        ...Object.fromEntries([...parameters.keys()].map((key, i) => [key, gradients[i]])),
      };
    },
  );
  const program = await compile(onnxruntimeEngine({ threads: config.threads }), graph);
  const rng = new Rng(5);
  const probe = batchOf(corpus, new Rng(6));
  const look = async (): Promise<Record<"residual" | "logits", Float32Array>> => {
    const { residual, logits } = await program.run(probe);
    return { residual: (residual.data as Float32Array).slice(), logits: (logits.data as Float32Array).slice() };
  };
  const before = await look();
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const outputs = await program.run(batchOf(corpus, rng));
    losses.push(Number(outputs["loss"].data[0]));
    const gradients = [...parameters.keys()].map((key) => [key, outputs[key].data]);
    await optimizer.step(Object.fromEntries(gradients) as Record<string, Float32Array>, {
      learningRate: config.learningRate * Math.min(1, (step + 1) / Math.max(1, warmupSteps)),
    });
  }
  const after = await look();
  await program.dispose();
  await optimizer.dispose();
  const last = losses.slice(-30);
  return {
    sizes: {
      residual: [meanSize(before.residual), meanSize(after.residual)],
      logits: [meanSize(before.logits), meanSize(after.logits)],
    },
    changes: {
      residual: meanSize(after.residual.map((value, i) => value - before.residual[i])),
      logits: meanSize(after.logits.map((value, i) => value - before.logits[i])),
    },
    loss: last.reduce((sum, value) => sum + value, 0) / last.length,
  };
}

function batchOf({ rows, length, draw }: Corpus, rng: Rng): { inputs: Int32Array; targets: Int32Array } {
  const inputs = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const tokens = Int32Array.from(draw(rng));
    inputs.set(tokens.subarray(0, length), row * length);
    targets.set(tokens.subarray(1), row * length);
  }
  return { inputs, targets };
}

function walk(rng: Rng): number[] {
  const tokens = [rng.integer(walks.vocabSize)];
  for (let i = 0; i < walks.length; i++) {
    tokens.push(rng.uniform() < 0.75 ? (5 * tokens[i] + 7) % walks.vocabSize : rng.integer(walks.vocabSize));
  }
  return tokens;
}

function meanSize(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}
