/**
 * What a weight is for, as far as the recipes care: {@link gpt2Normal}, {@link zeroProjection} and {@link mupNormal} start
 * weights of different roles differently.
 */

/**
 * The part that a weight plays in a network.
 *
 * | role | weight | its axes that grow with the width |
 * |---|---|---|
 * | `"embedding"` | a table of one row per token or position | the columns |
 * | `"input"` | a linear layer from inputs of a fixed size | the rows |
 * | `"hidden"` | a linear layer within the network | both |
 * | `"residual"` | a hidden layer whose output is added to the residual stream: the last one of a branch | both |
 * | `"output"` | the layer that gives the logits | the columns |
 * | `"bias"` | what is added after a weight | its only one |
 */
export type WeightRole = "embedding" | "input" | "hidden" | "residual" | "output" | "bias";

const ROLES: readonly WeightRole[] = ["embedding", "input", "hidden", "residual", "output", "bias"];

/** Throws unless `role` is a {@link WeightRole}. */
export function checkRole(caller: string, role: WeightRole): void {
  if (!ROLES.includes(role)) {
    throw new RangeError(`${caller}: expected role to be one of ${ROLES.join(", ")}, got ${JSON.stringify(role)}`);
  }
}
