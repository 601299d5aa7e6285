/**
 * Kernels of fused activations and dropout.
 */

import { map, sigmoid } from "./elementwise.ts";
import { erf } from "./erf.ts";
import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";

export const activationKernels: Kernels<"gelu" | "silu" | "dropout"> = {
  gelu: ([x], { approximate }) => [map(x, approximate === "tanh" ? geluTanh : gelu)],

  silu: ([x]) => [map(x, (element) => element * sigmoid(element))],

  // x / keepProbability where kept, 0 elsewhere
  dropout: ([x, mask], { keepProbability }) => {
    const result = ndArray("float32", x.shape);
    for (let i = 0; i < x.data.length; i++) result.data[i] = mask.data[i] === 1 ? x.data[i] / keepProbability : 0;
    return [result];
  },
};

/** x times the probability that a standard normal variable is below x. */
function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

/** @see Hendrycks and Gimpel, Gaussian Error Linear Units, section 2 */
function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
