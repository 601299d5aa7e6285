/**
 * Counting: 0, 1, 2, ... as a tensor, also along a dimension whose size is known only at run time.
 */

import { apply, type OpDefinition } from "../op.ts";
import type { Dim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const iotaOp: OpDefinition<"iota"> = {
  name: "iota",
  infer: (_, { dim, dtype }) => [{ shape: [dim], dtype }],
};

/**
 * `[0, 1, ..., dim - 1]`
 *
 * @param dim - A size, or the name of a dimension that an input of the graph has.
 * @param dtype - @defaultValue int32
 * @returns shape `[dim]`
 */
export function iota(dim: Dim, dtype: "int32" | "int64" | "float32" = "int32"): Tensor {
  return apply(iotaOp, [], { dim, dtype })[0];
}
