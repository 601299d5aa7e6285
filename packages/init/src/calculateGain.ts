/**
 * Gains: by how much a weight's standard deviation must be raised to make up for what the nonlinearity after it takes
 * away. The table is PyTorch's `nn.init.calculate_gain`.
 */

import { checkFinite } from "./validate.ts";

/** The nonlinearities that {@link calculateGain} knows; `"linear"` also means none at all. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "convTranspose1d"
  | "convTranspose2d"
  | "convTranspose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

/**
 * The recommended gain for a nonlinearity.
 *
 * | nonlinearity | gain |
 * |---|---|
 * | linear, conv1d ... convTranspose3d, sigmoid | 1 |
 * | tanh | 5 / 3 |
 * | relu | sqrt(2) |
 * | leakyRelu | sqrt(2 / (1 + param^2)) |
 * | selu | 3 / 4 |
 *
 * There is no entry for GELU or SiLU, as in PyTorch: GPT-like models start from {@link normal} with a standard
 * deviation of 0.02, and "relu" is close for convolutions.
 *
 * @param nonlinearity - Which one.
 * @param param - The negative slope of leakyRelu; the others ignore it.
 * @defaultValue param 0.01
 * @throws RangeError if the nonlinearity is unknown or `param` is not finite.
 * @see He et al., "Delving Deep into Rectifiers" (2015), section 2.2, for relu and leakyRelu; Klambauer et al.,
 *   "Self-Normalizing Neural Networks" (2017), for selu, whose own choice is a gain of 1 ("linear").
 */
export function calculateGain(nonlinearity: Nonlinearity, param: number = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "convTranspose1d":
    case "convTranspose2d":
    case "convTranspose3d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      checkFinite("calculateGain", "param (the negative slope)", param);
      return Math.sqrt(2 / (1 + param * param));
    case "selu":
      return 3 / 4;
    default:
      throw new RangeError(
        "calculateGain: expected one of linear, conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, " +
          `convTranspose3d, sigmoid, tanh, relu, leakyRelu, selu, got ${JSON.stringify(nonlinearity)}`,
      );
  }
}
