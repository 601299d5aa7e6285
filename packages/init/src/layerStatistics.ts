/** What {@link checkInitialization} wants to know of a layer, and the checks that it was told that. */

import { checkPositiveInteger } from "./validate.ts";

/**
 * What a layer's output is. `"linear"` is what goes into a non-linearity; the last four are looked at for NaN and infinity
 * alone, and are there so that the statistics of all of a model can be handed over as they are.
 */
export type LayerKind =
  | "linear"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "gelu"
  | "residual"
  | "logits"
  | "activation"
  | "attention"
  | "query"
  | "key";

const KINDS: readonly LayerKind[] = [
  ...(["linear", "tanh", "sigmoid", "relu", "gelu", "residual", "logits"] as const),
  ...(["activation", "attention", "query", "key"] as const),
];

/** Statistics of one layer's output over a batch, at step 0. */
export interface LayerStatistics {
  /** What findings call the layer. */
  readonly name: string;
  /** What the output is. */
  readonly kind: LayerKind;
  /** Mean over all elements. */
  readonly mean: number;
  /** Standard deviation over all elements. */
  readonly std: number;
  /** Of a tanh or sigmoid, the share of elements in its flat ends, in [0, 1]: tanh beyond 0.97, sigmoid beyond 0.985 or 0.015. */
  readonly saturated?: number | undefined;
  /** Of a relu, the share of units that are 0 for every example of the batch, in [0, 1]. */
  readonly dead?: number | undefined;
  /** Inputs of each unit of the layer. With it a cure can name the standard deviation that the weight should have. */
  readonly fanIn?: number | undefined;
}

/** Throws unless `layers` is a list of {@link LayerStatistics}; a mean or std may be NaN or infinite, which is a finding. */
export function checkStatistics(caller: string, layers: readonly LayerStatistics[]): void {
  if (!Array.isArray(layers)) {
    throw new TypeError(`${caller}: expected layers to be an array of statistics, got ${typeof layers}`);
  }
  for (const [index, layer] of layers.entries()) {
    const { name, kind, mean, std, saturated = 0, dead = 0, fanIn = 1 } = (layer ?? {}) as LayerStatistics;
    if (typeof name !== "string") {
      throw new TypeError(`${caller}: expected layer ${index} to have a name, got ${JSON.stringify(layer)}`);
    }
    if (!KINDS.includes(kind)) {
      throw new RangeError(
        `${caller}: expected the kind of ${name} to be one of ${KINDS.join(", ")}, got ${JSON.stringify(kind)}`,
      );
    }
    if (typeof mean !== "number" || typeof std !== "number") {
      throw new TypeError(
        `${caller}: expected mean and std of ${name} to be numbers, got ${typeof mean}, ${typeof std}`,
      );
    }
    if (std < 0) throw new RangeError(`${caller}: expected std of ${name} to be >= 0, got ${std}`);
    // NaN compares as out of range, but a layer of NaN has no shares: that is for its mean and std to show.
    if (saturated < 0 || saturated > 1) {
      throw new RangeError(`${caller}: expected saturated of ${name} to be a share in [0, 1], got ${saturated}`);
    }
    if (dead < 0 || dead > 1) {
      throw new RangeError(`${caller}: expected dead of ${name} to be a share in [0, 1], got ${dead}`);
    }
    checkPositiveInteger(caller, `fanIn of ${name}`, fanIn);
  }
}
