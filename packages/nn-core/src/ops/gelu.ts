/**
 * The smooth rectifiers: GELU (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415) and SiLU.
 */

import { apply, type Operand, type OpDefinition, toTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, square, sub } from "./arithmetic.ts";
import { expectFloat32 } from "./expectFloat32.ts";
import { erf, exp, sigmoid } from "./unary.ts";

const SLOPE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const geluOp: OpDefinition<"gelu"> = {
  name: "gelu",
  infer: ([x]) => {
    expectFloat32("gelu", x);
    return [{ shape: x.shape, dtype: "float32" }];
  },
  vjp: ({ inputs: [x], outputs: [y], attributes: { approximate }, cotangents: [g] }) => [
    mul(g!, approximate === "tanh" ? tanhDerivative(x, y) : erfDerivative(x)),
  ],
};

/**
 * The tanh form is x * s with s = sigmoid(u), u = SLOPE * (x + CUBIC * x^3), because (1 + tanh(z)) / 2 = sigmoid(2 z).
 * So its derivative is s + y * (1 - s) * u', in fewer passes than through tanh.
 */
function tanhDerivative(x: Tensor, y: Tensor): Tensor {
  const x2 = square(x);
  const s = sigmoid(mul(x, add(mul(x2, SLOPE * CUBIC), SLOPE)));
  const slope = add(mul(x2, 3 * SLOPE * CUBIC), SLOPE);
  return add(s, mul(mul(y, slope), sub(1, s)));
}

/** Phi(x) + x * phi(x), with the normal distribution and its density. */
function erfDerivative(x: Tensor): Tensor {
  const distribution = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(distribution, mul(x, density));
}

const siluOp: OpDefinition<"silu"> = {
  name: "silu",
  infer: ([x]) => {
    expectFloat32("silu", x);
    return [{ shape: x.shape, dtype: "float32" }];
  },
  // s + y * (1 - s)
  vjp: ({ inputs: [x], outputs: [y], cotangents: [g] }) => {
    const s = sigmoid(x);
    return [mul(g!, add(s, mul(y, sub(1, s))))];
  },
};

/**
 * `x * Phi(x)`, with the standard normal distribution function.
 *
 * @param options - `approximate`: "none" (default, as PyTorch) is exact; "tanh" is GPT-2's
 *   `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
 * @throws RangeError for another form, TypeError for another dtype.
 */
export function gelu(x: Operand, options: { approximate?: "tanh" | "none" } = {}): Tensor {
  const { approximate = "none" } = options;
  if (!["none", "tanh"].includes(approximate)) {
    throw new RangeError(`gelu: expected approximate "none" or "tanh", got ${JSON.stringify(approximate)}`);
  }
  return apply(geluOp, [toTensor(x)], { approximate })[0];
}

/** `x * sigmoid(x)`, also called swish. */
export function silu(x: Operand): Tensor {
  return apply(siluOp, [toTensor(x)], {})[0];
}
