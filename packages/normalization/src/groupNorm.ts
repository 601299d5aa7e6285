/**
 * Group normalization (Wu and He 2018, https://arxiv.org/abs/1803.08494), channels last.
 */

import {
  type Dim,
  formatShape,
  type Operand,
  Parameter,
  product,
  reshape,
  type Tensor,
  toTensor,
} from "@llm-learning/nn-core";
import { moments, valuesAlong } from "./moments.ts";
import { expectEps, rescale } from "./rescale.ts";

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance. @defaultValue 1e-5, as PyTorch */
  eps?: number;
  /** Scale and shift each channel by a learned weight and bias. @defaultValue true */
  affine?: boolean;
}

/**
 * `y = (x - mean) / sqrt(variance + eps) * weight + bias`, with statistics of each example and group of channels, over all positions.
 *
 * Examples are not coupled, so both modes are one computation. Positions are: over `[B, T, C]` a token's output depends on later
 * ones, so it has no place in a causal language model. One group is a LayerNorm over all positions, groups of one channel are an
 * InstanceNorm.
 */
export class GroupNorm {
  /** `[numChannels]`, starts as ones */
  readonly weight: Parameter | undefined;
  /** `[numChannels]`, starts as zeros */
  readonly bias: Parameter | undefined;
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;

  /**
   * @param numGroups - Divides `numChannels`; a group is that many neighbouring channels.
   * @param numChannels - Size of the last axis.
   * @throws RangeError if `numGroups` does not divide `numChannels`.
   */
  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    const { eps = 1e-5, affine = true } = options;
    if (![numGroups, numChannels, numChannels / numGroups].every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw new RangeError(
        `GroupNorm: expected a number of groups that divides the channels, got ${numGroups} groups of ${numChannels} channels`,
      );
    }
    this.weight = affine ? new Parameter([numChannels], { init: (data) => data.fill(1) }) : undefined;
    this.bias = affine ? new Parameter([numChannels]) : undefined;
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = expectEps("GroupNorm", eps);
  }

  /**
   * @param x - `[B, ..., numChannels]`
   * @returns the shape of `x`.
   * @throws RangeError if the last axis has another size, or a group has a single value.
   */
  forward(x: Operand): Tensor {
    const tensor = toTensor(x);
    const { shape, rank } = tensor;
    const [G, C] = [this.numGroups, this.numChannels];
    if (rank < 2 || shape[rank - 1] !== C) {
      throw new RangeError(
        `GroupNorm.forward: expected [B, ..., ${C}] with an axis of examples, got ${formatShape(shape)}`,
      );
    }
    const grouped: Dim[] = [shape[0], product(shape.slice(1, -1)), G, C / G];
    if ((valuesAlong(grouped, [1, 3]) ?? 2) < 2) {
      throw new RangeError(
        `GroupNorm.forward: expected more than one value in a group, got ${formatShape(shape)} in ${G} groups: one value has no ` +
          `variance; use fewer groups`,
      );
    }
    const { deviation, variance } = moments(reshape(tensor, grouped), [1, 3]); // [B, T, G, C / G], [B, 1, G, 1]
    const byGroup = (parameter: Parameter | undefined) => parameter && reshape(parameter, [G, C / G]);
    const y = rescale(deviation, variance, { eps: this.eps, weight: byGroup(this.weight), bias: byGroup(this.bias) });
    return reshape(y, shape); // [B, ..., C]
  }
}
