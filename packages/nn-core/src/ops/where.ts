/**
 * Selection by a condition.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { toTensors } from "./arithmetic.ts";
import { sumTo } from "./sumTo.ts";

const whereOp: OpDefinition<"where"> = {
  name: "where",
  infer: ([condition, a, b]) => {
    if (condition.dtype !== "bool") throw new TypeError(`where: expected a bool condition, got ${condition.dtype}`);
    if (a.dtype !== b.dtype) {
      throw new TypeError(`where: expected two operands of one dtype, got ${a.dtype} and ${b.dtype}; cast one of them`);
    }
    return [{ shape: broadcastShapes("where", condition.shape, a.shape, b.shape), dtype: a.dtype }];
  },
  vjp: ({ inputs: [condition, a, b], cotangents: [g], needs }) => [
    undefined,
    needs(1) ? sumTo(where(condition, g!, 0), a.shape) : undefined,
    needs(2) ? sumTo(where(condition, 0, g!), b.shape) : undefined,
  ],
};

/** `condition ? a : b`, elementwise, broadcasting over all three. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply(whereOp, [toTensor(condition), ...toTensors(a, b)], {})[0];
}
