/**
 * The affine map of a linear layer: `x @ weight^T + bias`.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import { formatShape, product } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./reduction.ts";

const linearOp: OpDefinition<"linear"> = {
  name: "linear",
  infer: ([x, weight, bias]) => {
    expectFloat32("linear", x, weight, bias);
    const { shape } = weight;
    const biasFits = bias === undefined || (bias.rank === 1 && bias.shape[0] === shape[0]);
    if (weight.rank !== 2 || !biasFits || x.rank < 1 || x.shape[x.rank - 1] !== shape[1]) {
      throw new RangeError(
        `linear: expected x [..., inFeatures], weight [outFeatures, inFeatures] and bias [outFeatures], got ` +
          [x, weight, ...(bias === undefined ? [] : [bias])].map((tensor) => formatShape(tensor.shape)).join(", "),
      );
    }
    return [{ shape: [...x.shape.slice(0, -1), shape[0]], dtype: "float32" }];
  },
  vjp: ({ inputs: [x, weight, bias], cotangents: [g], needs }) => {
    const rows = product(x.shape.slice(0, -1));
    const gRows = reshape(g!, [rows, weight.shape[0]]); // [N, O]
    const xRows = reshape(x, [rows, weight.shape[1]]); // [N, I]
    return [
      needs(0) ? reshape(matmul(gRows, weight), x.shape) : undefined,
      needs(1) ? matmul(gRows, xRows, { transposeA: true }) : undefined,
      bias !== undefined && needs(2) ? sum(gRows, { axes: 0 }) : undefined,
    ];
  },
};

/**
 * `x @ weight^T + bias`
 *
 * @param x - `[..., inFeatures]`
 * @param weight - `[outFeatures, inFeatures]`
 * @param bias - `[outFeatures]`
 * @returns `[..., outFeatures]`
 */
export function linear(x: Operand, weight: Operand, bias?: Operand): Tensor {
  const inputs = [toTensor(x), toTensor(weight), ...(bias === undefined ? [] : [toTensor(bias)])];
  return apply(linearOp, inputs, {})[0];
}
