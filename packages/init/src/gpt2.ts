/**
 * Recipe: how GPT-2 starts, as nanoGPT and the Hugging Face port have it. Everything is N(0, 0.02), small enough for
 * logits near 0 at a width of some hundreds; the projections that write to the residual stream are smaller by
 * `sqrt(2 nLayer)`, because 2 nLayer of them are summed there.
 *
 * Follows Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.3. (OpenAI's own code
 * starts positions at 0.01; the ports do not.)
 */

import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { checkData, checkNonNegative, checkPositiveInteger, checkRng } from "./validate.ts";
import { checkRole, type WeightRole } from "./weightRole.ts";

/** Options of {@link gpt2Normal}. */
export interface GPT2NormalOptions {
  /** What the weight is for: `"residual"` and `"bias"` differ from the others. */
  readonly role: WeightRole;
  /** Blocks of the model, each of which adds an attention and an MLP branch to the residual stream: an integer >= 1. */
  readonly nLayer: number;
  /**
   * Standard deviation of all but residual projections, >= 0.
   *
   * @defaultValue 0.02
   */
  readonly std?: number | undefined;
  /** Where the randomness comes from: two 32-bit draws per element, none for a bias. */
  readonly rng: Rng;
}

/**
 * Fills `data` from the normal distribution of mean 0 and `std`, of `std / sqrt(2 nLayer)` for a residual projection, and
 * with zeros for a bias.
 *
 * @throws RangeError if `role` is unknown, `nLayer` is not an integer >= 1 or `std` not a finite number >= 0; TypeError
 *   without `rng`.
 * @see Radford et al. (2019), section 2.3
 *
 * @example
 * ```ts
 * const projection: Initializer = (data) => gpt2Normal(data, { role: "residual", nLayer: 12, rng }); // std 0.0040825
 * ```
 */
export function gpt2Normal(data: Float32Array, { role, nLayer, std = 0.02, rng }: GPT2NormalOptions): void {
  checkRole("gpt2Normal", role);
  checkPositiveInteger("gpt2Normal", "nLayer", nLayer);
  checkData("gpt2Normal", data);
  checkNonNegative("gpt2Normal", "std", std);
  checkRng("gpt2Normal", rng);
  if (role === "bias") data.fill(0);
  else normal(data, { std: role === "residual" ? std / Math.sqrt(2 * nLayer) : std, rng });
}
