/**
 * Attention over a cache as ONNX Runtime's GroupQueryAttention, which joins the cache with the new keys and values itself: in place
 * where a runtime hands it one buffer as past and as present.
 *
 * Heads lie side by side, as linear layers make them, [B, T, H * D]; how many keys there are is said by two numbers, so that
 * buffers may be longer than what they hold. Padding goes in as a bias of the scores: that is right for rows padded on the left,
 * where counting the mask is not.
 *
 * @see https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GroupQueryAttention
 */

import { attentionOperand, type Dim, type Tensor } from "@llm-learning/nn-core";
import { float, int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import { headsApart, headsSideBySide } from "./headLayout.ts";
import { hiddenScores } from "./hiddenScores.ts";
import type { LoweringContext } from "./lowering.ts";
import { packedProjection } from "./packedProjection.ts";

type Context = LoweringContext<"scaledDotProductAttention">;

/** The operator takes heads of a multiple of this many features. */
const headDimUnit = 8;

/** The outputs of attention, or undefined for what the operator cannot express: then there are primitive ones. */
export function groupedQueryAttention(context: Context): readonly string[] | undefined {
  const { graph, operands, attributes, isUsed, valueOf } = context;
  const [q, k, v] = operands;
  const keys = joined(k);
  const values = joined(v);
  const [B, H, T, D] = q.shape;
  const fits =
    Number(D) % headDimUnit === 0 &&
    graph.inPlaceCache &&
    attributes.causal &&
    attributes.keepProbability === undefined &&
    v.shape[3] === D &&
    !isUsed(1);
  if (!fits || keys === undefined || values === undefined || keys.next.shape[2] !== T) return undefined;

  const { scale, softCap, window, operands: names } = attributes;
  const Hkv = k.shape[1];
  const total = int32(graph, k.shape[2]);
  const last = graph.node("Sub", [total, graph.scalar(1, "int32")]); // [1]
  const projected = packedProjection([q, keys.next, values.next]);
  const parts =
    projected === undefined
      ? [q, keys.next, values.next].map((x) => headsSideBySide(graph, valueOf(x), x.shape))
      : [valueOf(projected), "", ""];
  const seqlens = graph.node("Expand", [last, graph.dims.vector(B)]); // [B]
  // Queries and keys are turned already, by positions that padding does not shift.
  const noRotation = ["", "", ""];
  const inputs = [...parts, valueOf(keys.past), valueOf(values.past), seqlens, total, ...noRotation];
  inputs.push(scoreBias(context) ?? "", attentionOperand(context.inputs, names, "sinks") ?? "");
  while (inputs.at(-1) === "") inputs.pop();
  const [y, presentKey, presentValue] = graph.nodeOutputs(
    "com.microsoft.GroupQueryAttention",
    inputs,
    {
      num_heads: int(Number(H)),
      kv_num_heads: int(Number(Hkv)),
      scale: float(scale),
      ...(softCap !== undefined && { softcap: float(softCap) }),
      ...(window !== undefined && { local_window_size: int(window) }),
    },
    3,
  );
  graph.replace(valueOf(k), presentKey);
  graph.replace(valueOf(v), presentValue);
  return [headsApart(graph, y, [B, H, T, D])];
}

/** The parts of keys or values that are a cache, given from outside, and new ones behind it. */
function joined({ source }: Tensor): { readonly past: Tensor; readonly next: Tensor } | undefined {
  if (source.kind !== "node" || source.node.op.name !== "concat" || source.node.inputs.length !== 2) return undefined;
  const [past, next] = source.node.inputs;
  const { axis } = source.node.attributes as { axis: number };
  return axis === 2 && past.source.kind === "input" ? { past, next } : undefined;
}

/** What is added to the scores, [B or 1, H or 1, T, S]: the bias, and much below 0 where the mask hides a key. */
function scoreBias({ graph, inputs, operands, outputTypes, attributes }: Context): string | undefined {
  const scores = outputTypes[1].shape;
  const terms = (["bias", "mask"] as const).flatMap((name) => {
    const value = attentionOperand(inputs, attributes.operands, name);
    const shape = attentionOperand(operands, attributes.operands, name)?.shape;
    if (value === undefined || shape === undefined) return [];
    const term = name === "bias" ? value : hiddenScores(graph, value);
    return [{ term, shape }];
  });
  if (terms.length === 0) return undefined;
  const sum = terms.map(({ term }) => term).reduce((a, b) => graph.node("Add", [a, b]));
  const full = scores.map((dim, axis) => {
    const isNeeded = axis >= 2 || terms.some(({ shape }) => (shape.at(axis - 4) ?? 1) !== 1);
    return isNeeded ? dim : 1;
  });
  return graph.node("Expand", [sum, graph.dims.shape(full)]);
}

/** A size as int32, [1]. */
function int32(graph: GraphBuilder, dim: Dim): string {
  return graph.cast(graph.dims.vector(dim), "int32");
}
