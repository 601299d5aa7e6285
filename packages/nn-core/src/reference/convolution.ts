/**
 * Kernels of convolution and its two gradients, channels last.
 *
 * All three sum over the same triples: output element y, input element x and weight w belong together where the tap w of
 * the kernel, placed at y, lies on x. Convolution multiplies x by w into y; the gradients exchange the roles.
 */

import type { Convolution } from "../opAttributes.ts";
import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";

export const convolutionKernels: Kernels<"conv" | "convInputGrad" | "convWeightGrad"> = {
  conv: ([x, weight], attributes) => {
    const inputSize = x.shape.slice(1, -1);
    const kernelSize = weight.shape.slice(1, -1);
    const outputSize = inputSize.map((size, axis) => {
      const [before, after] = attributes.padding[axis];
      const reach = attributes.dilation[axis] * (kernelSize[axis] - 1) + 1;
      return Math.floor((size + before + after - reach) / attributes.stride[axis]) + 1;
    });
    const y = ndArray("float32", [x.shape[0], ...outputSize, weight.shape[0]]);
    forEachTap(x.shape, weight.shape, y.shape, attributes, (xi, wi, yi) => {
      y.data[yi] += x.data[xi] * weight.data[wi];
    });
    return [y];
  },

  convInputGrad: ([g, weight], attributes) => {
    const channels = weight.shape[weight.shape.length - 1] * attributes.groups;
    const x = ndArray("float32", [g.shape[0], ...attributes.inputSize, channels]);
    forEachTap(x.shape, weight.shape, g.shape, attributes, (xi, wi, yi) => {
      x.data[xi] += g.data[yi] * weight.data[wi];
    });
    return [x];
  },

  convWeightGrad: ([x, g], attributes) => {
    const outChannels = g.shape[g.shape.length - 1];
    const inChannels = x.shape[x.shape.length - 1] / attributes.groups;
    const weight = ndArray("float32", [outChannels, ...attributes.kernelSize, inChannels]);
    forEachTap(x.shape, weight.shape, g.shape, attributes, (xi, wi, yi) => {
      weight.data[wi] += x.data[xi] * g.data[yi];
    });
    return [weight];
  },
};

/**
 * Calls `visit` with the flat positions of every triple (x, weight, y) that belongs together; taps on padding have no x.
 *
 * Shapes are x [B, ...input, Cin], weight [Cout, ...kernel, Cin / groups], y [B, ...output, Cout].
 */
function forEachTap(
  xShape: readonly number[],
  weightShape: readonly number[],
  yShape: readonly number[],
  { stride, padding, dilation, groups }: Convolution,
  visit: (xi: number, wi: number, yi: number) => void,
): void {
  // One spatial axis is two of which the first has size 1.
  const planar = stride.length === 2;
  const [inputH, inputW] = planar ? xShape.slice(1, -1) : [1, xShape[1]];
  const [kernelH, kernelW] = planar ? weightShape.slice(1, -1) : [1, weightShape[1]];
  const [outputH, outputW] = planar ? yShape.slice(1, -1) : [1, yShape[1]];
  const [strideH, strideW] = planar ? stride : [1, stride[0]];
  const [dilationH, dilationW] = planar ? dilation : [1, dilation[0]];
  const [top, left] = planar ? [padding[0][0], padding[1][0]] : [0, padding[0][0]];
  const B = xShape[0];
  const inChannels = xShape[xShape.length - 1];
  const outChannels = weightShape[0];
  const groupIn = inChannels / groups;
  const groupOut = outChannels / groups;

  for (let b = 0; b < B; b++) {
    for (let oh = 0; oh < outputH; oh++) {
      for (let ow = 0; ow < outputW; ow++) {
        for (let kh = 0; kh < kernelH; kh++) {
          for (let kw = 0; kw < kernelW; kw++) {
            const ih = oh * strideH + kh * dilationH - top;
            const iw = ow * strideW + kw * dilationW - left;
            if (ih < 0 || ih >= inputH || iw < 0 || iw >= inputW) continue;
            for (let co = 0; co < outChannels; co++) {
              const group = Math.floor(co / groupOut);
              for (let ci = 0; ci < groupIn; ci++) {
                visit(
                  ((b * inputH + ih) * inputW + iw) * inChannels + group * groupIn + ci,
                  ((co * kernelH + kh) * kernelW + kw) * groupIn + ci,
                  ((b * outputH + oh) * outputW + ow) * outChannels + co,
                );
              }
            }
          }
        }
      }
    }
  }
}
