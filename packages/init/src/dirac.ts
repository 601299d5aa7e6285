/** Initializer: the convolution that passes its input on, channel by channel. */

import { checkLayout, type WeightLayout } from "./fans.ts";
import { checkLength, checkPositiveInteger, checkShape } from "./validate.ts";

/** Options of {@link dirac}. */
export interface DiracOptions {
  /**
   * Groups of the convolution: each group of output channels gets the identity of its own. Divides the output channels.
   *
   * @defaultValue 1
   */
  readonly groups?: number | undefined;
  /**
   * The order of the axes; see {@link fans}.
   *
   * @defaultValue "channelsLast"
   */
  readonly layout?: WeightLayout | undefined;
}

/**
 * Sets a convolution weight to the Dirac delta: in each group, output channel `c` is input channel `c`, for as many as
 * there are of both.
 *
 * The one stands at position `floor(size / 2)` of each kernel axis, as in PyTorch. Usable as an {@link Initializer} as it is.
 *
 * @param data - The elements of the weight.
 * @param shape - Three to five axes: a convolution over one to three dimensions.
 * @throws RangeError if `shape` has another number of axes, `data` does not fit it, or `groups` does not divide the
 *   output channels.
 */
export function dirac(
  data: Float32Array,
  shape: readonly number[],
  { groups = 1, layout = "channelsLast" }: DiracOptions = {},
): void {
  checkShape("dirac", shape, 3, 5);
  checkLayout("dirac", layout);
  checkLength("dirac", data, shape);
  checkPositiveInteger("dirac", "groups", groups);
  const outChannels = shape[0];
  if (outChannels % groups !== 0) {
    throw new RangeError(`dirac: expected groups to divide the ${outChannels} output channels, got ${groups}`);
  }

  const inChannels = layout === "channelsLast" ? shape[shape.length - 1] : shape[1];
  const kernel = layout === "channelsLast" ? shape.slice(1, -1) : shape.slice(2);
  const positions = kernel.reduce((product, size) => product * size, 1);
  const centre = kernel.reduce((index, size) => index * size + Math.floor(size / 2), 0);
  const channelStride = layout === "channelsLast" ? 1 : positions;
  const positionStride = layout === "channelsLast" ? inChannels : 1;

  data.fill(0);
  const outPerGroup = outChannels / groups;
  for (let group = 0; group < groups; group++) {
    for (let channel = 0; channel < Math.min(outPerGroup, inChannels); channel++) {
      const outChannel = group * outPerGroup + channel;
      data[outChannel * positions * inChannels + centre * positionStride + channel * channelStride] = 1;
    }
  }
}
