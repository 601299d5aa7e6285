/**
 * What a value is differentiated by in the end.
 */

import { topologicalOrder } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** The float32 parameters and inputs that gradients by `value` reach without passing through one of `ends`. */
export function differentiableLeaves(value: Tensor, ends: ReadonlySet<Tensor>): Tensor[] {
  const leaves: Tensor[] = [];
  const visit = (leaf: Tensor): void => {
    const { dtype, source } = leaf;
    if (dtype === "float32" && (source.kind === "parameter" || source.kind === "input")) leaves.push(leaf);
  };
  topologicalOrder([value], visit, "differentiable", ends);
  return leaves;
}
