/**
 * Recipe: the last layer of every branch and the output layer start at zero. Each block is then the identity at first,
 * so a network of any depth starts as well as a shallow one, and the first loss is exactly the logarithm of the
 * vocabulary's size. The zeros do not stay: their own gradient is not zero, and once
 * they have moved, the layers before them learn too.
 *
 * The idea is that of Goyal et al., "Accurate, Large Minibatch SGD" (2017), section 5.1, and of Zhang, Dauphin and Ma,
 * "Fixup Initialization" (2019); the other roles follow nanochat, which keeps its output layer at N(0, 0.001).
 */

import { kaimingUniform } from "./kaiming.ts";
import { normal } from "./normal.ts";
import type { Rng } from "./rng.ts";
import { checkLength, checkRng, checkShape } from "./validate.ts";
import { checkRole, type WeightRole } from "./weightRole.ts";

/** Options of {@link zeroProjection}. */
export interface ZeroProjectionOptions {
  /** What the weight is for. */
  readonly role: WeightRole;
  /** Where the randomness comes from. */
  readonly rng: Rng;
}

/**
 * Fills `data` with what its role starts from:
 *
 * | role | start |
 * |---|---|
 * | residual, output, bias | zeros |
 * | input, hidden | uniform on [-bound, bound), `bound = sqrt(3 / fanIn)`, so that std is `1 / sqrt(fanIn)` |
 * | embedding | normal, std 1 |
 *
 * @param data - The elements of the weight.
 * @param shape - `[outFeatures, inFeatures]`, an embedding's or a bias's.
 * @throws RangeError if `role` is unknown, or `shape` is no weight's or does not fit `data`; TypeError without `rng`.
 */
export function zeroProjection(
  data: Float32Array,
  shape: readonly number[],
  { role, rng }: ZeroProjectionOptions,
): void {
  checkRole("zeroProjection", role);
  checkRng("zeroProjection", rng);
  checkShape("zeroProjection", shape, 1);
  checkLength("zeroProjection", data, shape);
  if (role === "embedding") normal(data, { rng });
  else if (role === "input" || role === "hidden") kaimingUniform(data, shape, { nonlinearity: "linear", rng });
  else data.fill(0);
}
