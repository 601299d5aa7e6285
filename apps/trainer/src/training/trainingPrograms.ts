/**
 * The programs of a run: a training step (loss, gradients and their norm, new running statistics), an evaluation (the loss
 * alone, as in use), and where it is asked for a step that is watched. All are traced from the model's own `loss`.
 */

import { availableParallelism } from "node:os";
import { collect } from "@llm-learning/diagnostics";
import type { LanguageModel } from "@llm-learning/models";
import {
  compile,
  type Engine,
  globalNorm,
  grad,
  type Graph,
  graphOf,
  input,
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
import { tfjsNodeEngine } from "@llm-learning/tfjs/node";
import type { TrainConfig } from "../config/trainConfig.ts";
import { batchShapes } from "./trainingExamples.ts";
import type { TrainingRun } from "./trainingRun.ts";
import type { WatchedProgram } from "./watch.ts";

export interface TrainingPrograms {
  /** From `inputs`, `targets` and dropout masks to `loss`, `gradNorm`, `grad.NAME` of each parameter, `state.NAME` of each statistic. */
  readonly step: Program;
  /** From `inputs` and `targets` to `loss`. */
  readonly evaluation: Program;
  /** Draws the masks. */
  readonly training: Training;
  /** What a step changes without an optimizer: running statistics, by name. */
  readonly statistics: ReadonlyMap<string, Parameter>;
  /** Compiles the step once more, with statistics beside it. It takes the same feeds; who asks for it disposes of it. */
  compileWatched(): Promise<WatchedProgram>;
  dispose(): Promise<void>;
}

/** Prefix of a gradient's output, before the parameter's name. */
export const GRADIENT = "grad.";

/** Prefix of the output that holds a statistic's new value. */
export const STATISTIC = "state.";

/** Traces and compiles the programs of a run; gradients are computed where its optimizer wants them. */
export async function compileTraining(run: TrainingRun): Promise<TrainingPrograms> {
  const { model, config } = run;
  const engine = engineOf(config);
  const { graph: stepGraph, training } = traceStep(model, run.batchSize, config);
  const evaluationGraph = trace(batchSpec(model, run.evaluationBatchSize), ({ inputs, targets }) => ({
    loss: model.loss(inputs, targets),
  }));
  const step = await compile(engine, stepGraph, { outputs: gradientOutputs(run) });
  const evaluation = await compile(engine, evaluationGraph);
  return {
    step,
    evaluation,
    training,
    statistics: statisticsOf(model, training),
    compileWatched: () => compileWatched(model, engine, run.batchSize),
    dispose: async () => {
      await step.dispose();
      await evaluation.dispose();
    },
  };
}

/** Memory for the gradients among the outputs of a step: the optimizer's. */
export function gradientOutputs({ optimizer }: Pick<TrainingRun, "optimizer">): Record<string, Float32Array> {
  const named = Object.entries(optimizer.gradients).map(([name, memory]) => [`${GRADIENT}${name}`, memory]);
  return Object.fromEntries(named) as Record<string, Float32Array>;
}

/** The graph of a step on `rows` examples, and what draws its masks. */
export function traceStep(
  model: LanguageModel,
  rows: number,
  { activationCheckpointing: checkpointing = false }: Partial<TrainConfig> = {},
): { readonly graph: Graph; readonly training: Training } {
  const parameters = trainableParameters(model);
  const training = new Training({ checkpointing });
  const graph = trace(batchSpec(model, rows), ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets, training);
    const gradients = grad(loss, [...parameters.values()]);
    const named = new Map([...parameters.keys()].map((name, index) => [name, gradients[index]]));
    return { ...stepOutputs(loss, named), ...statisticOutputs(model, training) };
  });
  return { graph, training };
}

/** The parameters whose new values a trace announced, by name. */
export function statisticsOf(model: LanguageModel, { updates }: Training): ReadonlyMap<string, Parameter> {
  return new Map([...namedParameters(model)].filter(([, parameter]) => updates.has(parameter)));
}

async function compileWatched(model: LanguageModel, engine: Engine, rows: number): Promise<WatchedProgram> {
  // With no block computed again: what is looked at is there once. It is the same to the bit.
  // Masks are named in the order in which they are asked for, so that those drawn for the plain step fit this one.
  const training = new Training();
  const { inputs, targets } = batchSpec(model, rows);
  const leaves = [input("inputs", inputs.shape, "int32"), input("targets", targets.shape, "int32")];
  const loss = model.loss(leaves[0], leaves[1], training);
  const collection = collect(loss, { parameters: trainableParameters(model) });
  const outputs = {
    ...stepOutputs(loss, collection.gradients),
    ...statisticOutputs(model, training),
    ...collection.outputs,
  };
  return { program: await compile(engine, graphOf(outputs, leaves)), collection };
}

function stepOutputs(loss: Tensor, gradients: ReadonlyMap<string, Tensor>): Record<string, Tensor> {
  const named = [...gradients].map(([name, gradient]) => [`${GRADIENT}${name}`, gradient]);
  return {
    loss,
    gradNorm: globalNorm([...gradients.values()]),
    ...(Object.fromEntries(named) as Record<string, Tensor>),
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

/** Most threads for each core: with a hundred, a step that takes milliseconds does not come to its end. */
const THREADS_PER_CORE = 4;

/** Threads of the native engine: a run that was begun on a machine with more cores has as many as do well on this one, and the same bits. */
export function threadsOf({ threads }: TrainConfig): number {
  return Math.min(threads, THREADS_PER_CORE * availableParallelism());
}

/** What computes. */
export function engineOf(config: TrainConfig): Engine {
  switch (config.engine) {
    case "onnxruntime":
      return onnxruntimeEngine({ threads: threadsOf(config) });
    case "tfjs-node":
      return tfjsNodeEngine();
    case "reference":
      return referenceEngine();
  }
}
