/**
 * The two programs of a run: a training step (loss, gradients and their norm) and an evaluation (the loss alone, without
 * dropout). Both are traced from the model's own `loss`.
 */

import type { GPT } from "@llm-learning/models";
import {
  compile,
  type Engine,
  globalNorm,
  grad,
  type Program,
  referenceEngine,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import type { TrainConfig } from "../config/trainConfig.ts";

export interface TrainingPrograms {
  /** From `inputs`, `targets` and dropout masks to `loss`, `gradNorm` and `grad.NAME` of each parameter. */
  readonly step: Program;
  /** From `inputs` and `targets` to `loss`. */
  readonly evaluation: Program;
  /** Draws the masks. */
  readonly training: Training;
  dispose(): Promise<void>;
}

/** Prefix of a gradient's output, before the parameter's name. */
export const GRADIENT = "grad.";

/** Traces and compiles the programs of `model` for batches of the configuration's size. */
export async function compileTraining(model: GPT, config: TrainConfig): Promise<TrainingPrograms> {
  const engine = engineOf(config);
  const batch = { shape: [config.batchSize, config.blockSize], dtype: "int32" } as const; // [B, T]
  const spec = { inputs: batch, targets: batch };
  const parameters = trainableParameters(model);
  const training = new Training();
  const stepGraph = trace(spec, ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets, training);
    const gradients = grad(loss, [...parameters.values()]);
    const named = [...parameters.keys()].map((name, index) => [`${GRADIENT}${name}`, gradients[index]]);
    return { loss, gradNorm: globalNorm(gradients), ...Object.fromEntries(named) };
  });
  const evaluationGraph = trace(spec, ({ inputs, targets }) => ({ loss: model.loss(inputs, targets) }));
  const step = await compile(engine, stepGraph);
  const evaluation = await compile(engine, evaluationGraph);
  return {
    step,
    evaluation,
    training,
    dispose: async () => {
      await step.dispose();
      await evaluation.dispose();
    },
  };
}

function engineOf({ engine, threads }: TrainConfig): Engine {
  return engine === "onnxruntime" ? onnxruntimeEngine({ threads }) : referenceEngine();
}
