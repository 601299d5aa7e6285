/**
 * A normalization together with the addition in front of it, as residual streams have them: ONNX Runtime adds and norms in one pass
 * and hands out the sum as well.
 *
 * @see https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.SkipLayerNormalization
 */

import { sameShape, type Tensor } from "@llm-learning/nn-core";
import type { Attributes } from "./attributes.ts";
import type { LoweringContext } from "./lowering.ts";

/** The norm of a sum; undefined where the operand is no sum of two equal shapes, or more than the norm is asked for. */
export function skipNormalization(
  {
    graph,
    operands: [x],
    inputs: [value, ...affine],
    valueOf,
    outputTypes,
    isUsed,
  }: LoweringContext<"layerNorm" | "rmsNorm">,
  opType: "SkipLayerNormalization" | "SkipSimplifiedLayerNormalization",
  attributes: Attributes,
): readonly string[] | undefined {
  const terms = termsOf(x);
  const isAlone = outputTypes.every((_, index) => index === 0 || !isUsed(index));
  if (!graph.contrib || !isAlone || x.rank !== 3 || terms === undefined) return undefined;
  // The value may be something else by now, such as a part of the sum.
  if (graph.producer(value)?.opType !== "Add") return undefined;
  const inputs = [...terms.map(valueOf), ...affine];
  const [y, , , sum] = graph.nodeOutputs(`com.microsoft.${opType}`, inputs, attributes, 4, [1, 2]);
  graph.replace(value, sum);
  return [y];
}

/** The two terms of equal shape that a tensor is the sum of. */
function termsOf({ shape, source }: Tensor): readonly Tensor[] | undefined {
  if (source.kind !== "node") return undefined;
  const { op, inputs } = source.node;
  if (op.name === "tap") return termsOf(inputs[0]);
  return op.name === "add" && inputs.every((input) => sameShape(input.shape, shape)) ? inputs : undefined;
}
