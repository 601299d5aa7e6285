/**
 * Convolutions: channels last here, channels first in ONNX, so each is wrapped in transposes.
 *
 * The gradients are convolutions too. By the input it is the transposed convolution. By the weight it correlates the
 * input with the output's gradient, with batch and channels in each other's place and stride and dilation swapped.
 *
 * Each sums over an axis: over channels, or over the batch. Where that axis is empty the runtime writes nothing, and what was in
 * memory would be the result; so a known size of 0 gives zeros.
 */

import type { Convolution, Shape } from "@llm-learning/nn-core";
import { type Attributes, int, ints } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowerings } from "./lowering.ts";

export const convolution: Lowerings<"conv" | "convInputGrad" | "convWeightGrad"> = {
  conv: ({ graph, inputs: [x, weight], inputTypes, outputTypes, attributes }) => {
    const rank = inputTypes[0].shape.length;
    if (inputTypes[0].shape[rank - 1] === 0) return zeros(graph, outputTypes[0].shape);
    const y = graph.node(
      "Conv",
      [channelsFirst(graph, x, rank), channelsFirst(graph, weight, rank)],
      geometry(attributes),
    );
    return channelsLast(graph, y, rank);
  },

  convInputGrad: ({ graph, inputs: [gradient, weight], inputTypes, outputTypes, attributes }) => {
    const { stride, padding, dilation, inputSize } = attributes;
    const [{ shape }, { shape: weightShape }] = inputTypes;
    const rank = shape.length;
    if (shape[rank - 1] === 0) return zeros(graph, outputTypes[0].shape);
    // Floor division in the forward size may leave up to stride - 1 elements at the end untouched: their gradient is 0.
    const untouched = inputSize.map((size, axis) => {
      const span = dilation[axis] * (Number(weightShape[1 + axis]) - 1) + 1;
      const [before, after] = padding[axis];
      return size + before + after - span - stride[axis] * (Number(shape[1 + axis]) - 1);
    });
    const y = graph.node("ConvTranspose", [channelsFirst(graph, gradient, rank), channelsFirst(graph, weight, rank)], {
      ...geometry(attributes),
      output_padding: ints(untouched),
    });
    return channelsLast(graph, y, rank);
  },

  convWeightGrad: ({ graph, inputs: [x, gradient], inputTypes, outputTypes, attributes }) => {
    if (inputTypes[0].shape[0] === 0) return zeros(graph, outputTypes[0].shape);
    const { stride, dilation, groups, kernelSize } = attributes;
    const rank = inputTypes[0].shape.length;
    const spatial = kernelSize.map((_, axis) => axis);
    const channelsThenBatch = [rank - 1, 0, ...spatial.map((axis) => axis + 1)];
    const xs = splitChannels(graph, x, rank, Number(inputTypes[0].shape[rank - 1]), groups);
    const gradients = splitChannels(graph, gradient, rank, Number(inputTypes[1].shape[rank - 1]), groups);
    const parts = xs.map((part, group) => {
      const y = graph.node(
        "Conv",
        [graph.transpose(part, channelsThenBatch), graph.transpose(gradients[group], channelsThenBatch)],
        geometry({ ...attributes, stride: dilation, dilation: stride, groups: 1 }),
      ); // [Cin/groups, Cout/groups, ...at least kernelSize]
      const starts = graph.int64s(spatial.map(() => 0));
      const cropped = graph.node("Slice", [
        y,
        starts,
        graph.int64s(kernelSize),
        graph.int64s(spatial.map((axis) => axis + 2)),
      ]);
      return graph.transpose(cropped, [1, ...spatial.map((axis) => axis + 2), 0]); // [Cout/groups, ...kernelSize, Cin/groups]
    });
    return parts.length === 1 ? parts[0] : graph.node("Concat", parts, { axis: int(0) });
  },
};

function zeros(graph: GraphBuilder, shape: Shape): string {
  return graph.node("ConstantOfShape", [graph.dims.shape(shape)]);
}

function geometry({ stride, padding, dilation, groups }: Convolution): Attributes {
  return {
    strides: ints(stride),
    dilations: ints(dilation),
    pads: ints([...padding.map(([before]) => before), ...padding.map(([, after]) => after)]),
    group: int(groups),
  };
}

function channelsFirst(graph: GraphBuilder, x: string, rank: number): string {
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
  return graph.transpose(x, [0, rank - 1, ...spatial]);
}

function channelsLast(graph: GraphBuilder, x: string, rank: number): string {
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  return graph.transpose(x, [0, ...spatial, 1]);
}

function splitChannels(
  graph: GraphBuilder,
  x: string,
  rank: number,
  channels: number,
  groups: number,
): readonly string[] {
  if (groups === 1) return [x];
  const sizes = Array.from({ length: groups }, () => channels / groups);
  return graph.nodeOutputs("Split", [x, graph.int64s(sizes)], { axis: int(rank - 1) }, groups);
}
