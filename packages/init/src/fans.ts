/**
 * Fan-in and fan-out: how many inputs feed one output of a weight, and how many outputs one input feeds. Initializers
 * scale by them so that activations and gradients keep their size from layer to layer.
 *
 * Follows PyTorch's `_calculate_fan_in_and_fan_out`, for both memory orders of a convolution weight.
 */

import { checkShape } from "./validate.ts";

/**
 * The order of a convolution weight's axes: `[outChannels, ...kernel, inChannels]` (this toolkit's) or
 * `[outChannels, inChannels, ...kernel]` (PyTorch's). A weight of two axes is `[outFeatures, inFeatures]` in both.
 */
export type WeightLayout = "channelsLast" | "channelsFirst";

/** What {@link fans} gives. */
export interface Fans {
  /** Inputs per output. */
  readonly fanIn: number;
  /** Outputs per input. */
  readonly fanOut: number;
}

/** Options of {@link fans}. */
export interface FansOptions {
  /**
   * The order of the axes.
   *
   * @defaultValue "channelsLast", which is not PyTorch's order: pass "channelsFirst" for a weight of PyTorch's shape.
   */
  readonly layout?: WeightLayout | undefined;
}

/**
 * Fan-in and fan-out of a weight.
 *
 * `fanIn = inChannels * receptiveField` and `fanOut = outChannels * receptiveField`, where the receptive field is the
 * number of positions of the kernel, 1 for a weight of two axes.
 *
 * @param shape - Two axes or more, integers >= 1. For a grouped convolution the input axis holds the channels of one
 *   group; `fanOut` then counts all output channels, as PyTorch does.
 * @throws RangeError if `shape` has fewer than two axes or one that is not an integer >= 1.
 *
 * @example
 * ```ts
 * fans([64, 128]); // { fanIn: 128, fanOut: 64 }
 * fans([32, 3, 3, 16]); // { fanIn: 144, fanOut: 288 }
 * ```
 */
export function fans(shape: readonly number[], { layout = "channelsLast" }: FansOptions = {}): Fans {
  return fansFor("fans", shape, layout);
}

/** {@link fans} on behalf of `caller`, which errors name. */
export function fansFor(caller: string, shape: readonly number[], layout: WeightLayout): Fans {
  checkShape(caller, shape, 2);
  checkLayout(caller, layout);
  const count = shape.reduce((product, size) => product * size, 1);
  const inChannels = layout === "channelsLast" ? shape[shape.length - 1] : shape[1];
  return { fanIn: count / shape[0], fanOut: count / inChannels };
}

/** Throws unless `layout` is a {@link WeightLayout}. */
export function checkLayout(caller: string, layout: WeightLayout): void {
  if (layout !== "channelsLast" && layout !== "channelsFirst") {
    throw new RangeError(`${caller}: expected layout "channelsLast" or "channelsFirst", got ${JSON.stringify(layout)}`);
  }
}
