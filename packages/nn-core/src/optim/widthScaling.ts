/**
 * Scaling by width after muP, the maximal update parametrization: initial weights and rates found on a narrow network serve a wide
 * one of the same depth (Yang et al. 2022, "Tensor Programs V", https://arxiv.org/abs/2203.03466, Table 3).
 */

/** What a parameter is there for. "matrix" is inside of the network: both of its sides grow with the width. */
export type WidthRole = "matrix" | "embedding" | "output" | "vector";

/** How the optimizer of a parameter answers to the size of gradients. */
export type WidthRule = "adam" | "sgd" | "orthogonal";

/** Factors of the initial values and of the learning rate. */
export interface WidthFactors {
  readonly init: number;
  readonly rate: number;
}

/**
 * The factors of a network `ratio` times as wide as the one whose initial weights and rates are known, so that activations and what
 * a step changes of them are as large in both:
 *
 *     role        init          rate: adam    sgd      orthogonal
 *     matrix      1/sqrt(r)           1/r     1        1
 *     output      1/r                 1/r     1/r      1/r
 *     embedding   1                   1       r        1
 *     vector      1                   1       r        1
 *
 * "adam" holds for all whose steps do not depend on the size of the gradient (AdamW, Lion). "orthogonal" is Muon's step of norm 1, whose
 * other parameters are AdamW's. Factors of init are those of a fixed standard deviation. It presumes heads of attention of one
 * width, of which a wide network has more, and an output layer of its own.
 *
 * @param ratio - Width over the width that is known, greater than 0.
 * @throws RangeError for another ratio.
 */
export function widthScaling(role: WidthRole, ratio: number, rule: WidthRule): WidthFactors {
  if (!(ratio > 0 && ratio < Infinity)) throw new RangeError(`widthScaling: expected a ratio > 0, got ${ratio}`);
  switch (role) {
    case "matrix":
      return { init: 1 / Math.sqrt(ratio), rate: rule === "adam" ? 1 / ratio : 1 };
    case "output":
      return { init: 1 / ratio, rate: 1 / ratio };
    case "embedding":
    case "vector":
      return { init: 1, rate: rule === "sgd" ? ratio : 1 };
  }
}
