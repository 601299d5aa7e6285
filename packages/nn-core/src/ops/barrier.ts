/**
 * A barrier: a value held back until others are known.
 *
 * Graphs say what depends on what, and engines run what can be run, keep what is used again and compute the same thing once. Whoever
 * computes something a second time so that it need not be kept has to say when, and that it is not the first time: JAX calls this
 * `optimization_barrier`.
 */

import { apply, type OpDefinition } from "../op.ts";
import type { Tensor } from "../tensor.ts";

const barrierOp: OpDefinition<"barrier"> = {
  name: "barrier",
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  vjp: ({ cotangents: [g] }) => [g],
};

/**
 * `x` itself, to the bit, but not before all of `after` are known, and never taken for `x`: what is computed from it is computed anew.
 *
 * @param after - At least one tensor; their values are of no account.
 */
export function barrier(x: Tensor, after: readonly Tensor[]): Tensor {
  if (after.length === 0) throw new RangeError("barrier: expected something to wait for, got nothing");
  return apply(barrierOp, [x, ...after], {}, [x])[0];
}
