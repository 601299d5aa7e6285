/**
 * Trains small GPTs of several widths on the same text, for the checks of scaling by width.
 */

import { Rng } from "@llm-learning/init";
import { compile, grad, trace, trainableParameters } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import type { GPT } from "@llm-learning/models";
import { buildModel } from "../../src/model/buildModel.ts";
import { createOptimizer } from "../../src/training/optimizer.ts";

const VOCABULARY = 32;
const T = 16;
const B = 8;

/** A GPT that is `nEmbd` wide, with heads of 16. */
function widthConfig(nEmbd: number, changes: Partial<TrainConfig>): TrainConfig {
  return resolveConfig({
    nLayer: 2,
    nHead: nEmbd / 16,
    nEmbd,
    blockSize: T,
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

/** Takes `steps` at one rate. The text is a walk that the one before predicts in three of four steps. */
export async function trainWidth(nEmbd: number, steps: number, changes: Partial<TrainConfig>): Promise<WidthRun> {
  const config = widthConfig(nEmbd, changes);
  const model = buildModel(config, VOCABULARY, new Rng(config.seed)) as GPT;
  const parameters = trainableParameters(model);
  const optimizer = createOptimizer(model, config);
  const graph = trace(
    { inputs: { shape: [B, T], dtype: "int32" }, targets: { shape: [B, T], dtype: "int32" } },
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
  const program = await compile(onnxruntimeEngine({ threads: 2 }), graph);
  const rng = new Rng(5);
  const probe = walk(new Rng(6));
  const look = async (): Promise<Record<"residual" | "logits", Float32Array>> => {
    const { residual, logits } = await program.run(probe);
    return { residual: (residual.data as Float32Array).slice(), logits: (logits.data as Float32Array).slice() };
  };
  const before = await look();
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const outputs = await program.run(walk(rng));
    losses.push(Number(outputs["loss"].data[0]));
    const gradients = [...parameters.keys()].map((key) => [key, outputs[key].data]);
    await optimizer.step(Object.fromEntries(gradients) as Record<string, Float32Array>, {
      learningRate: config.learningRate,
    });
  }
  const after = await look();
  await program.dispose();
  await optimizer.dispose();
  const last = losses.slice(-20);
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

function walk(rng: Rng): { inputs: Int32Array; targets: Int32Array } {
  const inputs = new Int32Array(B * T);
  const targets = new Int32Array(B * T);
  for (let row = 0; row < B; row++) {
    let token = rng.integer(VOCABULARY);
    for (let i = row * T; i < (row + 1) * T; i++) {
      inputs[i] = token;
      token = rng.uniform() < 0.75 ? (5 * token + 7) % VOCABULARY : rng.integer(VOCABULARY);
      targets[i] = token;
    }
  }
  return { inputs, targets };
}

function meanSize(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}
