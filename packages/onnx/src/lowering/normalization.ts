/**
 * Layer and root-mean-square normalization over the last axis.
 */

import { float, int } from "./attributes.ts";
import type { Lowerings } from "./lowering.ts";

export const normalization: Lowerings<"layerNorm" | "rmsNorm"> = {
  layerNorm: ({ graph, inputs, attributes: { eps }, isUsed }) => {
    const count = isUsed(2) ? 3 : isUsed(1) ? 2 : 1;
    return graph.nodeOutputs("LayerNormalization", inputs, { axis: int(-1), epsilon: float(eps) }, count);
  },

  rmsNorm: ({ graph, inputs: [x, weight], attributes: { eps }, isUsed }) => {
    // ONNX Runtime's own operator, though it stands in the default domain.
    if (graph.contrib) {
      const count = isUsed(1) ? 2 : 1;
      return graph.nodeOutputs(
        "SimplifiedLayerNormalization",
        [x, weight],
        { axis: int(-1), epsilon: float(eps) },
        count,
      );
    }
    const square = graph.node("Mul", [x, x]);
    const meanSquare = graph.node("ReduceMean", [square, graph.int64s([-1])], { keepdims: int(1) });
    const root = graph.node("Sqrt", [graph.node("Add", [meanSquare, graph.scalar(eps)])]);
    const invRms = graph.node("Reciprocal", [root]);
    return [graph.node("Mul", [graph.node("Mul", [x, invRms]), weight]), invRms];
  },
};
