/**
 * The loss of every token of a batch, by a model's weights as they are or in a form of fewer bits.
 *
 * A form is that of the exported file: the same layers of the same model are quantized in the same way. Only inputs and
 * outputs are others, since what is wanted here are losses.
 */

import type { LanguageModel } from "@llm-learning/models";
import { compile, crossEntropy, type Graph, type TensorValue, trace } from "@llm-learning/nn-core";
import { encodeModel, lowerGraph, type OnnxModel } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine } from "@llm-learning/onnx/node";
import { folded } from "../export/encodeOnnx.ts";
import { type Quantization, quantizedForm } from "../export/quantizedForms.ts";
import { batchShapes } from "../training/trainingExamples.ts";

export interface LossProgramOptions {
  readonly batchSize: number;
  readonly blockSize: number;
  readonly threads: number;
}

export interface LossProgram {
  /** What all weights and constants of the model take. */
  readonly weightBytes: number;
  /** The losses of a batch in nats, 0 where its target is -1; [B, T] or [B]. */
  run(batch: { readonly inputs: Int32Array; readonly targets: Int32Array }): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** The forward pass of `model` with its own weights. */
export async function lossProgram(model: LanguageModel, options: LossProgramOptions): Promise<LossProgram> {
  const graph = lossGraph(model, options);
  const program = await compile(onnxruntimeEngine({ threads: options.threads }), graph);
  return {
    weightBytes: graph.parameters.reduce((sum, { data }) => sum + data.byteLength, 0),
    run: async ({ inputs, targets }) => (await program.run({ inputs, targets })).losses.data as Float32Array,
    dispose: () => program.dispose(),
  };
}

/** The forward pass of `model` with its weights in a form. */
export async function quantizedLossProgram(
  model: LanguageModel,
  form: Quantization,
  { threads, ...sizes }: LossProgramOptions,
): Promise<LossProgram> {
  const graph = lossGraph(folded(model), sizes);
  const lowered = lowerGraph(graph, { parameters: "initializers", contrib: false });
  const quantized = quantizedForm(lowered.model, form);
  const session = await createOrtSession(encodeModel(quantized), { threads });
  const [inputShape, targetShape] = ["inputs", "targets"].map((name) => graph.inputs.get(name)!.shape as number[]);
  const int32 = (data: Int32Array, shape: readonly number[]): TensorValue => ({ dtype: "int32", shape, data });
  return {
    weightBytes: weightBytes(quantized),
    run: async ({ inputs, targets }) => {
      const feeds = { inputs: int32(inputs, inputShape), targets: int32(targets, targetShape) };
      return (await session.run(feeds)).losses.data as Float32Array;
    },
    dispose: () => session.dispose(),
  };
}

function lossGraph(model: LanguageModel, { batchSize, blockSize }: Omit<LossProgramOptions, "threads">): Graph {
  const shapes = batchShapes(batchSize, { predicts: model.predicts, blockSize });
  const spec = {
    inputs: { shape: shapes.inputs, dtype: "int32" },
    targets: { shape: shapes.targets, dtype: "int32" },
  } as const;
  return trace(spec, ({ inputs, targets }) => ({
    losses: crossEntropy(model.forward(inputs).logits, targets, { ignoreIndex: -1, reduction: "none" }),
  }));
}

function weightBytes({ graph }: OnnxModel): number {
  return graph.initializers.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
}
