/**
 * Layer and root-mean-square normalization over the last axis.
 */

import { isStatic } from "@llm-learning/nn-core";
import { float, int } from "./attributes.ts";
import type { GraphBuilder } from "./graphBuilder.ts";
import type { Lowerings } from "./lowering.ts";
import { skipNormalization } from "./skipNormalization.ts";

export const normalization: Lowerings<"layerNorm" | "rmsNorm"> = {
  layerNorm: (context) => {
    const { graph, inputs, attributes, isUsed } = context;
    const [x, ...affine] = inputs;
    const epsilon = float(attributes.eps);
    // From 16 rows on that operator takes three times as long as one for each (measured with ONNX Runtime 1.30 and 1.32): it is for
    // exported models, whose sizes have names, and which mostly run on a row. Known sizes are those of batches.
    const isOfBatches = isStatic(context.inputTypes[0].shape);
    const joined = isOfBatches ? undefined : skipNormalization(context, "SkipLayerNormalization", { epsilon });
    if (joined !== undefined) return joined;
    return overLastAxis(graph, x, (rows) => {
      const count = isUsed(2) ? 3 : isUsed(1) ? 2 : 1;
      return graph.nodeOutputs("LayerNormalization", [rows, ...affine], { axis: int(-1), epsilon }, count);
    });
  },

  rmsNorm: (context) => {
    const { graph, inputs, attributes, isUsed } = context;
    const [x, weight] = inputs;
    const epsilon = float(attributes.eps);
    const joined = skipNormalization(context, "SkipSimplifiedLayerNormalization", { epsilon });
    if (joined !== undefined) return joined;
    return overLastAxis(graph, x, (rows) => {
      // ONNX Runtime's own operator, though it stands in the default domain.
      if (graph.contrib) {
        const count = isUsed(1) ? 2 : 1;
        return graph.nodeOutputs("SimplifiedLayerNormalization", [rows, weight], { axis: int(-1), epsilon }, count);
      }
      const square = graph.node("Mul", [rows, rows]);
      const meanSquare = graph.node("ReduceMean", [square, graph.int64s([-1])], { keepdims: int(1) });
      const root = graph.node("Sqrt", [graph.node("Add", [meanSquare, graph.scalar(attributes.eps)])]);
      const invRms = graph.node("Reciprocal", [root]);
      return [graph.node("Mul", [graph.node("Mul", [rows, invRms]), weight]), invRms];
    });
  },
};

/** What `normalize` makes of the rows of `x`. Where `x` is a transpose that leaves rows whole, the transposing comes after. */
function overLastAxis(
  graph: GraphBuilder,
  x: string,
  normalize: (rows: string) => readonly string[],
): readonly string[] {
  const before = graph.transposed(x);
  if (before === undefined || before.permutation.at(-1) !== before.permutation.length - 1) return normalize(x);
  return normalize(before.value).map((y) => graph.transpose(y, before.permutation));
}
