/**
 * Root-mean-square normalization over the last axis, fused (Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467).
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { mean } from "./reduction.ts";
import { sumTo } from "./sumTo.ts";

const rmsNormOp: OpDefinition<"rmsNorm"> = {
  name: "rmsNorm",
  infer: ([x, weight]) => {
    expectFloat32("rmsNorm", x, weight);
    if (x.rank < 1 || weight.rank !== 1 || weight.shape[0] !== x.shape[x.rank - 1]) {
      throw new RangeError(
        `rmsNorm: expected a weight of the size of x's last axis, got x ${formatShape(x.shape)} and weight ${formatShape(weight.shape)}`,
      );
    }
    return [
      { shape: x.shape, dtype: "float32" },
      { shape: [...x.shape.slice(0, -1), 1], dtype: "float32" },
    ];
  },
  // With xhat = x * invRms: dx = invRms * (g * weight - xhat * mean(g * xhat * weight)), dweight = sum(g * xhat).
  vjp: ({ inputs: [x, weight], outputs: [, invRms], cotangents: [g, gInvRms], needs }) => {
    const xhat = mul(x, invRms);
    const byWeight = g && mul(g, xhat);
    let dx: Tensor | undefined;
    if (needs(0) && g !== undefined && byWeight !== undefined) {
      const along = mean(mul(byWeight, weight), { axes: -1, keepDims: true }); // [..., 1]
      dx = mul(invRms, sub(mul(g, weight), mul(xhat, along)));
    }
    // d invRms / dx = -invRms^3 * x / size, wanted only when a gradient is differentiated again.
    if (needs(0) && gInvRms !== undefined) {
      const size = x.shape[x.rank - 1] as number;
      const term = mul(mul(gInvRms, mul(mul(invRms, mul(invRms, invRms)), -1 / size)), x);
      dx = dx === undefined ? term : add(dx, term);
    }
    return [dx, needs(1) && byWeight !== undefined ? sumTo(byWeight, weight.shape) : undefined];
  },
};

/**
 * `y = x / sqrt(mean(x^2) + eps) * weight` over the last axis.
 *
 * @param x - `[..., C]`
 * @param weight - `[C]`
 * @param options - `eps`, added to the mean square (default 1e-6, as Llama).
 */
export function rmsNorm(x: Operand, weight: Operand, options: { eps?: number } = {}): Tensor {
  const { eps = 1e-6 } = options;
  if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`rmsNorm: expected eps >= 0, got ${eps}`);
  return apply(rmsNormOp, [toTensor(x), toTensor(weight)], { eps })[0];
}
