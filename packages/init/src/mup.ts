/**
 * Recipe: muP, the maximal update parametrization. It says how the standard deviation of each weight and its learning rate
 * must change with the width, so that every layer learns as fast in a wide network as in a narrow one; a learning rate
 * tuned on the narrow one then serves the wide one too.
 *
 * Follows Yang et al., "Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer" (2022),
 * table 3: only starts and learning rates change, no multiplier enters the forward pass. (Table 8 says the same with a
 * multiplier on the logits, for the sake of tied embeddings; tying does not go with table 3.) All factors are relative to
 * a base model, at whose width muP and the usual parametrization agree.
 *
 * | | embedding, input, bias | hidden, residual | output |
 * |---|---|---|---|
 * | standard deviation | 1 | 1 / sqrt(m) | 1 / m |
 * | learning rate, Adam | 1 | 1 / m | 1 / m |
 * | learning rate, SGD | m | 1 | 1 / m |
 *
 * with m = width / base width. Attention scores are to be scaled by `sqrt(baseHeadDim) / headDim` (definition 4.1 there)
 * rather than by `1 / sqrt(headDim)`, should heads get wider and not more.
 */

import { fansFor, type WeightLayout } from "./fans.ts";
import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { checkLength, checkNonNegative, checkRng, checkShape } from "./validate.ts";
import { checkRole, type WeightRole } from "./weightRole.ts";

/** What muP must know of a weight. */
export interface MupWeight {
  /** What the weight is for. */
  readonly role: WeightRole;
  /** The shape of the same weight in the base model, on which the learning rate was tuned. */
  readonly baseShape: readonly number[];
  /**
   * The order of the axes of a convolution weight; see {@link fans}.
   *
   * @defaultValue "channelsLast"
   */
  readonly layout?: WeightLayout | undefined;
}

/** Options of {@link mupNormal}. */
export interface MupNormalOptions extends MupWeight {
  /**
   * Standard deviation of the same weight in the base model, >= 0.
   *
   * @defaultValue 0.02
   */
  readonly std?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element, none for a bias. */
  readonly rng: Rng;
}

/** Options of {@link mupLearningRate}. */
export interface MupLearningRateOptions extends MupWeight {
  /**
   * "adam" stands for every optimizer whose step does not depend on the gradient's size: Adam, AdamW, Lion, sign descent.
   *
   * @defaultValue "adam"
   */
  readonly optimizer?: "adam" | "sgd" | undefined;
}

/**
 * Fills `data` from the normal distribution of mean 0 and the standard deviation that muP gives it; a bias with zeros.
 *
 * `std` for an embedding or input, `std / sqrt(m)` for a hidden or residual, `std / m` for an output weight, where
 * `m = fanIn / baseFanIn`.
 *
 * @param data - The elements of the weight.
 * @param shape - Its shape: `[outFeatures, inFeatures]`, an embedding's `[numEmbeddings, embeddingDim]`, a bias's.
 * @throws RangeError if `role` is unknown, `baseShape` has not as many axes as `shape`, `data` does not fit `shape`, or
 *   `std` is not a finite number >= 0; TypeError without `rng`.
 * @see Yang et al. (2022), table 3, row "Init. Var."
 *
 * @example
 * ```ts
 * // Tuned at a width of 64, built at 1024: m is 16.
 * const weightInit: Initializer = (data, shape) => mupNormal(data, shape, { role: "hidden", baseShape: [64, 64], rng });
 * ```
 */
export function mupNormal(
  data: Float32Array,
  shape: readonly number[],
  { role, baseShape, layout = "channelsLast", std = 0.02, rng }: MupNormalOptions,
): void {
  const growth = widthGrowth("mupNormal", shape, { role, baseShape, layout });
  checkLength("mupNormal", data, shape);
  checkNonNegative("mupNormal", "std", std);
  checkRng("mupNormal", rng);
  if (role === "bias") data.fill(0);
  else if (role === "output") normal(data, { std: std / growth, rng });
  else if (role === "hidden" || role === "residual") normal(data, { std: std / Math.sqrt(growth), rng });
  else normal(data, { std, rng });
}

/**
 * By how much muP multiplies the base model's learning rate for this weight.
 *
 * @param shape - The weight's shape.
 * @returns 1 where `shape` is `baseShape`.
 * @throws RangeError if `role` or `optimizer` is unknown, or `baseShape` has not as many axes as `shape`.
 * @see Yang et al. (2022), table 3, rows "SGD LR" and "Adam LR"
 *
 * @example
 * ```ts
 * mupLearningRate([1024, 1024], { role: "hidden", baseShape: [64, 64] }); // 1 / 16
 * ```
 */
export function mupLearningRate(
  shape: readonly number[],
  { role, baseShape, layout = "channelsLast", optimizer = "adam" }: MupLearningRateOptions,
): number {
  if (optimizer !== "adam" && optimizer !== "sgd") {
    throw new RangeError(`mupLearningRate: expected optimizer "adam" or "sgd", got ${JSON.stringify(optimizer)}`);
  }
  const growth = widthGrowth("mupLearningRate", shape, { role, baseShape, layout });
  if (role === "output") return 1 / growth;
  if (role === "hidden" || role === "residual") return optimizer === "adam" ? 1 / growth : 1;
  return optimizer === "adam" ? 1 : growth;
}

/** The table's m: how many times as wide as in the base model the weight's growing axis is, by {@link WeightRole}. */
function widthGrowth(
  caller: string,
  shape: readonly number[],
  { role, baseShape, layout = "channelsLast" }: MupWeight,
): number {
  checkRole(caller, role);
  if (role === "bias") {
    checkShape(caller, shape, 1, 1);
    checkShape(`${caller} (baseShape)`, baseShape, 1, 1);
    return shape[0] / baseShape[0];
  }
  const { fanIn, fanOut } = fansFor(caller, shape, layout);
  const base = fansFor(`${caller} (baseShape)`, baseShape, layout);
  if (shape.length !== baseShape.length) {
    throw new RangeError(
      `${caller}: expected baseShape to have as many axes as shape [${shape.join(", ")}], got [${baseShape.join(", ")}]`,
    );
  }
  // A table of embeddings is [inputs, outputs]: what `fans` calls its fan-in is the width that it gives.
  return role === "input" ? fanOut / base.fanOut : fanIn / base.fanIn;
}
