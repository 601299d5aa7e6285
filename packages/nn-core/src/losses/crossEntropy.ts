/**
 * Cross-entropy of logits against target classes.
 */

import { type Operand, toTensor } from "../op.ts";
import { div } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { equal, logicalNot } from "../ops/comparison.ts";
import { nll } from "../ops/nll.ts";
import { mean, sum } from "../ops/reduction.ts";
import type { Tensor } from "../tensor.ts";

/** Which targets count, and how their losses are put together. */
export interface CrossEntropyOptions {
  /** Targets of this value count for nothing; undefined if every target counts. @defaultValue -100, as PyTorch */
  ignoreIndex?: number | undefined;
  /** "mean" over the counted targets, "sum", or "none" for the loss of each target. @defaultValue "mean" */
  reduction?: "mean" | "sum" | "none";
}

/**
 * `-log softmax(logits)[target]`, in nats.
 *
 * The mean of a batch in which every target is ignored is NaN, as in PyTorch: there is nothing to average.
 *
 * @param logits - `[..., V]`
 * @param targets - int32 or int64 `[...]`, each in `[0, V)` or equal to `ignoreIndex`.
 * @throws RangeError for shapes that do not fit, or a reduction that there is not; TypeError for other dtypes.
 * @returns a scalar, or `[...]` for reduction "none", where ignored targets have loss 0.
 */
export function crossEntropy(logits: Operand, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { reduction = "mean" } = options;
  const ignoreIndex = "ignoreIndex" in options ? options.ignoreIndex : -100;
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new RangeError(`crossEntropy: expected reduction "mean", "sum" or "none", got ${JSON.stringify(reduction)}`);
  }
  const losses = nll(toTensor(logits), targets, { ignoreIndex }).nll;
  if (reduction === "none") return losses;
  if (reduction === "sum") return sum(losses);
  if (ignoreIndex === undefined) return mean(losses);
  const counted = cast(logicalNot(equal(targets, ignoreIndex)), "float32");
  return div(sum(losses), sum(counted));
}
