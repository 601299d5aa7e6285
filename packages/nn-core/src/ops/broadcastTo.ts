/**
 * Stretching axes of size 1.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sumTo } from "./sumTo.ts";

const broadcastToOp: OpDefinition<"broadcastTo"> = {
  name: "broadcastTo",
  infer: ([x], { shape }) => {
    if (x.rank > shape.length || !sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
      throw new RangeError(
        `broadcastTo: expected a shape that ${formatShape(x.shape)} stretches to, got ${formatShape(shape)}`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  vjp: ({ inputs: [x], cotangents: [g] }) => [sumTo(g!, x.shape)],
};

/** `x` stretched to `shape` by NumPy's rules. */
export function broadcastTo(x: Operand, shape: Shape): Tensor {
  const tensor = toTensor(x);
  return sameShape(tensor.shape, shape) ? tensor : apply(broadcastToOp, [tensor], { shape: [...shape] })[0];
}
