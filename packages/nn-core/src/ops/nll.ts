/**
 * Negative log-likelihood of targets under logits, element by element.
 *
 * Fused because its gradient is much simpler than that of its parts: softmax(logits), and 1 less at the target.
 */

import { constant } from "../constant.ts";
import { isIndexDType } from "../dtype.ts";
import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { equal, logicalNot } from "./comparison.ts";
import { scatterAdd } from "./gather.ts";
import { expandDims } from "./reshape.ts";
import { sum } from "./reduction.ts";
import { exp, neg } from "./unary.ts";
import { where } from "./where.ts";

const nllOp: OpDefinition<"nll"> = {
  name: "nll",
  infer: ([logits, targets]) => {
    if (logits.dtype !== "float32" || !isIndexDType(targets.dtype)) {
      throw new TypeError(
        `crossEntropy: expected float32 logits and int32 or int64 targets, got ${logits.dtype} and ${targets.dtype}`,
      );
    }
    if (logits.rank < 1 || !sameShape(logits.shape.slice(0, -1), targets.shape)) {
      throw new RangeError(
        `crossEntropy: expected logits [...targets, classes], got logits ${formatShape(logits.shape)} and targets ${formatShape(targets.shape)}`,
      );
    }
    return [
      { shape: targets.shape, dtype: "float32" },
      { shape: logits.shape, dtype: "float32" },
    ];
  },
  vjp: ({ inputs: [logits, targets], outputs: [, logProbs], attributes: { ignoreIndex }, cotangents: [g, h] }) => {
    let gradient: Tensor | undefined;
    if (g !== undefined) {
      const isIgnored = ignoreIndex === undefined ? undefined : equal(targets, ignoreIndex);
      const counted = isIgnored === undefined ? g : mul(g, cast(logicalNot(isIgnored), "float32"));
      const weight = expandDims(counted, -1); // [..., 1]
      // An ignored target may be out of range; its weight is 0 wherever it is added.
      const index = isIgnored === undefined ? targets : where(isIgnored, constant(0, [], targets.dtype), targets);
      const place = { axis: -1, size: logits.shape[logits.rank - 1] as number };
      gradient = add(mul(exp(logProbs), weight), scatterAdd(neg(weight), expandDims(index, -1), place));
    }
    if (h !== undefined) {
      const byLogProbs = sub(h, mul(exp(logProbs), sum(h, { axes: -1, keepDims: true })));
      gradient = gradient === undefined ? byLogProbs : add(gradient, byLogProbs);
    }
    return [gradient, undefined];
  },
};

/**
 * `-logSoftmax(logits)[target]` for each target, and the log-probabilities it was read from.
 *
 * @param logits - `[..., V]`
 * @param targets - int32 or int64 `[...]`, each in `[0, V)` or equal to `ignoreIndex`; undefined ignores none.
 * @returns `nll` `[...]` in nats, 0 where ignored, and `logProbs` `[..., V]`.
 */
export function nll(
  logits: Operand,
  targets: Tensor,
  options: { ignoreIndex: number | undefined },
): { nll: Tensor; logProbs: Tensor } {
  const { ignoreIndex } = options;
  if (ignoreIndex !== undefined && !Number.isSafeInteger(ignoreIndex)) {
    throw new RangeError(`crossEntropy: expected ignoreIndex to be an integer or undefined, got ${ignoreIndex}`);
  }
  const [losses, logProbs] = apply(nllOp, [toTensor(logits), targets], { ignoreIndex });
  return { nll: losses, logProbs };
}
