/**
 * Layer normalization over the last axis, fused (Ba et al. 2016, https://arxiv.org/abs/1607.06450).
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { mean } from "./reduction.ts";
import { sumTo } from "./sumTo.ts";

const layerNormOp: OpDefinition<"layerNorm"> = {
  name: "layerNorm",
  infer: ([x, weight, bias]) => {
    expectFloat32("layerNorm", x, weight, bias);
    const channels = x.shape[x.rank - 1];
    const fits = [weight, bias].every(
      (tensor) => tensor === undefined || (tensor.rank === 1 && tensor.shape[0] === channels),
    );
    if (x.rank < 1 || !fits) {
      throw new RangeError(
        `layerNorm: expected weight and bias of the size of x's last axis, got x ${formatShape(x.shape)}, ` +
          `weight ${formatShape(weight.shape)}${bias === undefined ? "" : `, bias ${formatShape(bias.shape)}`}`,
      );
    }
    const statistic = { shape: [...x.shape.slice(0, -1), 1], dtype: "float32" } as const;
    return [{ shape: x.shape, dtype: "float32" }, statistic, statistic];
  },
  // With xhat = (x - mean) * invStd and gw = g * weight:
  // dx = invStd * (gw - mean(gw) - xhat * mean(g * xhat * weight)), dweight = sum(g * xhat), dbias = sum(g).
  // The gradients of mean and invStd themselves are wanted only when this gradient is differentiated again.
  vjp: ({ inputs: [x, weight, bias], outputs: [, m, invStd], cotangents: [g, gMean, gInvStd], needs }) => {
    const last = { axes: -1, keepDims: true };
    const centred = sub(x, m);
    const xhat = mul(centred, invStd);
    const byWeight = g && mul(g, xhat);
    let dx: Tensor | undefined;
    if (needs(0) && g !== undefined && byWeight !== undefined) {
      const gw = mul(g, weight);
      dx = mul(invStd, sub(sub(gw, mean(gw, last)), mul(xhat, mean(mul(byWeight, weight), last))));
    }
    const size = x.shape[x.rank - 1] as number;
    if (needs(0) && gMean !== undefined) dx = plus(dx, broadcastTo(mul(gMean, 1 / size), x.shape));
    // d invStd / dx = -invStd^3 * centred / size
    if (needs(0) && gInvStd !== undefined) {
      const cube = mul(invStd, mul(invStd, invStd));
      dx = plus(dx, mul(mul(gInvStd, mul(cube, -1 / size)), centred));
    }
    return [
      dx,
      needs(1) && byWeight !== undefined ? sumTo(byWeight, weight.shape) : undefined,
      bias !== undefined && needs(2) && g !== undefined ? sumTo(g, bias.shape) : undefined,
    ];
  },
};

function plus(a: Tensor | undefined, b: Tensor): Tensor {
  return a === undefined ? b : add(a, b);
}

/**
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias` over the last axis, with the biased variance.
 *
 * @param x - `[..., C]`
 * @param weight - `[C]`
 * @param bias - `[C]`
 * @param options - `eps`, added to the variance (default 1e-5).
 */
export function layerNorm(x: Operand, weight: Operand, bias?: Operand, options: { eps?: number } = {}): Tensor {
  const { eps = 1e-5 } = options;
  if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`layerNorm: expected eps >= 0, got ${eps}`);
  const inputs = [toTensor(x), toTensor(weight), ...(bias === undefined ? [] : [toTensor(bias)])];
  return apply(layerNormOp, inputs, { eps })[0];
}
