/**
 * The two programs of a run: a training step (loss, gradients and their norm, new running statistics) and an evaluation (the loss
 * alone, as in use). Both are traced from the model's own `loss`.
 */

import type { LanguageModel } from "@llm-learning/models";
import {
  compile,
  type Engine,
  globalNorm,
  grad,
  namedParameters,
  type Parameter,
  type Program,
  referenceEngine,
  type Tensor,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import type { TrainConfig } from "../config/trainConfig.ts";
import { batchShapes } from "./trainingExamples.ts";

export interface TrainingPrograms {
  /** From `inputs`, `targets` and dropout masks to `loss`, `gradNorm`, `grad.NAME` of each parameter, `state.NAME` of each statistic. */
  readonly step: Program;
  /** From `inputs` and `targets` to `loss`. */
  readonly evaluation: Program;
  /** Draws the masks. */
  readonly training: Training;
  /** What a step changes without an optimizer: running statistics, by name. */
  readonly statistics: ReadonlyMap<string, Parameter>;
  dispose(): Promise<void>;
}

/** Prefix of a gradient's output, before the parameter's name. */
export const GRADIENT = "grad.";

/** Prefix of the output that holds a statistic's new value. */
export const STATISTIC = "state.";

/** Examples in a batch of each program. */
export interface BatchSizes {
  readonly training: number;
  readonly evaluation: number;
}

/** Traces and compiles the programs of `model`. */
export async function compileTraining(
  model: LanguageModel,
  config: TrainConfig,
  sizes: BatchSizes,
): Promise<TrainingPrograms> {
  const engine = engineOf(config);
  const parameters = trainableParameters(model);
  const training = new Training();
  const stepGraph = trace(batchSpec(model, sizes.training), ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets, training);
    const gradients = grad(loss, [...parameters.values()]);
    const named = [...parameters.keys()].map((name, index) => [`${GRADIENT}${name}`, gradients[index]]);
    return {
      loss,
      gradNorm: globalNorm(gradients),
      ...(Object.fromEntries(named) as Record<string, Tensor>),
      ...statisticOutputs(model, training),
    };
  });
  const evaluationGraph = trace(batchSpec(model, sizes.evaluation), ({ inputs, targets }) => ({
    loss: model.loss(inputs, targets),
  }));
  const step = await compile(engine, stepGraph);
  const evaluation = await compile(engine, evaluationGraph);
  const statistics = [...namedParameters(model)].filter(([, parameter]) => training.updates.has(parameter));
  return {
    step,
    evaluation,
    training,
    statistics: new Map(statistics),
    dispose: async () => {
      await step.dispose();
      await evaluation.dispose();
    },
  };
}

type BatchSpec = Record<"inputs" | "targets", { readonly shape: readonly number[]; readonly dtype: "int32" }>;

function batchSpec({ predicts, config: { blockSize } }: LanguageModel, rows: number): BatchSpec {
  const { inputs, targets } = batchShapes(rows, { predicts, blockSize });
  return { inputs: { shape: inputs, dtype: "int32" }, targets: { shape: targets, dtype: "int32" } };
}

function statisticOutputs(model: LanguageModel, { updates }: Training): Record<string, Tensor> {
  const named = [...namedParameters(model)].flatMap(([name, parameter]) => {
    const value = updates.get(parameter);
    return value === undefined ? [] : [[`${STATISTIC}${name}`, value]];
  });
  return Object.fromEntries(named) as Record<string, Tensor>;
}

function engineOf({ engine, threads }: TrainConfig): Engine {
  return engine === "onnxruntime" ? onnxruntimeEngine({ threads }) : referenceEngine();
}
