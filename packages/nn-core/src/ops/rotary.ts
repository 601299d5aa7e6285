/**
 * Turning pairs of features by angles, as rotary positions do, fused (Su et al. 2021, https://arxiv.org/abs/2104.09864).
 *
 * The backward pass turns the gradient back: by the same angles, with the sine of the other sign.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { split } from "./concat.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { sumTo } from "./sumTo.ts";
import { neg } from "./unary.ts";

const rotaryOp: OpDefinition<"rotary"> = {
  name: "rotary",
  infer: ([x, cos, sin]) => {
    expectFloat32("rotary", x, cos, sin);
    const half = cos.shape.at(-1);
    const width = x.shape.at(-1);
    const [B, , T] = x.shape;
    const forms: Shape[] = half === undefined ? [] : [[T, half], [B, 1, T, half]]; // prettier-ignore
    const fits = x.rank === 4 && forms.some((form) => sameShape(cos.shape, form)) && sameShape(cos.shape, sin.shape);
    if (!fits || typeof half !== "number" || typeof width !== "number" || width < 2 * half || half < 1) {
      throw new RangeError(
        "rotary: expected x [B, H, T, D], and cos and sin [T, R / 2] or [B, 1, T, R / 2] with R <= D, got " +
          [x, cos, sin].map(({ shape }) => formatShape(shape)).join(", "),
      );
    }
    return [{ shape: x.shape, dtype: "float32" }];
  },
  vjp: ({ inputs: [x, cos, sin], cotangents: [g], needs }) => {
    const half = cos.shape.at(-1) as number;
    const pairs = (y: Tensor): readonly Tensor[] => split(y, partSizes(y, half), { axis: -1 });
    const [a, b] = pairs(x);
    const [ga, gb] = pairs(g!);
    return [
      needs(0) ? rotary(g!, cos, neg(sin)) : undefined,
      needs(1) ? sumTo(add(mul(ga, a), mul(gb, b)), cos.shape) : undefined,
      needs(2) ? sumTo(sub(mul(gb, a), mul(ga, b)), sin.shape) : undefined,
    ];
  },
};

function partSizes(x: Tensor, half: number): number[] {
  return [half, half, (x.shape.at(-1) as number) - 2 * half].filter((size) => size > 0);
}

/**
 * `x` with the pairs `(x[i], x[i + R / 2])` of its first R features turned: `(a cos - b sin, b cos + a sin)`; the others stay.
 *
 * @param x - `[B, H, T, D]`, D >= R.
 * @param cos - Cosines of the angles of each token and pair, `[T, R / 2]` for all texts alike or `[B, 1, T, R / 2]`.
 * @param sin - Sines, of the shape of `cos`.
 * @returns of the shape of `x`
 * @throws RangeError for shapes that do not fit.
 */
export function rotary(x: Operand, cos: Operand, sin: Operand): Tensor {
  return apply(rotaryOp, [toTensor(x), toTensor(cos), toTensor(sin)], {})[0];
}
