/**
 * Conversion between dtypes.
 */

import type { DType } from "../dtype.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const castOp: OpDefinition<"cast"> = {
  name: "cast",
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  // A float cast is never a node (see below), so the operand or the result is not differentiable.
  vjp: () => [undefined],
};

/** `x` as `dtype`: floats to integers truncate toward zero, anything to bool is `x != 0`. Not differentiable. */
export function cast(x: Operand, dtype: DType): Tensor {
  const tensor = toTensor(x);
  return tensor.dtype === dtype ? tensor : apply(castOp, [tensor], { dtype })[0];
}
