/**
 * Folding: a linear layer or convolution and the BatchNorm after it, in use, as one layer.
 *
 * With running statistics BatchNorm is a fixed scale and shift of each channel, which the weights before it can take over. A folded
 * model computes the same with fewer operations; it cannot be trained as before, as its batches are not normalized any more.
 */

import { formatShape, type Parameter, type StateDict } from "@llm-learning/nn-core";
import type { BatchNorm } from "./batchNorm.ts";

/** Weight and bias of a linear layer or a convolution: output channels on the first axis. */
export interface FoldableLayer {
  /** `[outFeatures, inFeatures]`, or `[outChannels, ...kernel, inChannels]` */
  readonly weight: Pick<Parameter, "shape" | "data">;
  /** `[outFeatures]` */
  readonly bias?: Pick<Parameter, "shape" | "data"> | undefined;
}

/**
 * The weight and bias of the layer that computes what `norm` makes of `layer` in use: with
 * `scale = norm.weight / sqrt(running.variance + eps)`,
 *
 *     weight' = scale * weight,    bias' = (bias - running.mean) * scale + norm.bias
 *
 * computed in float64 and rounded once. Neither layer is changed.
 *
 * @returns `weight` and `bias`, as `loadStateDict` takes them.
 * @throws RangeError if the layer's first axis is not the norm's number of features, or a running variance is not a number >= 0.
 *
 * @example
 * ```ts
 * const folded = new Linear(10, 100, { rng });
 * loadStateDict(folded, foldBatchNorm(linear, norm));
 * ```
 */
export function foldBatchNorm(layer: FoldableLayer, norm: BatchNorm): StateDict {
  const { weight, bias } = layer;
  const [features] = norm.running.mean.shape;
  if (weight.shape[0] !== features || (bias !== undefined && bias.data.length !== features)) {
    throw new RangeError(
      `foldBatchNorm: expected a layer with ${features} outputs on the first axis, as the norm has features, got weight ` +
        `${formatShape(weight.shape)}${bias === undefined ? "" : `, bias ${formatShape(bias.shape)}`}`,
    );
  }
  const foldedWeight = new Float32Array(weight.data.length);
  const foldedBias = new Float32Array(features);
  const fanIn = weight.data.length / features;
  for (let channel = 0; channel < features; channel++) {
    const variance = norm.running.variance.data[channel];
    if (!(variance >= 0 && variance < Infinity && variance + norm.eps > 0)) {
      const bound = norm.eps > 0 ? ">= 0" : "> 0 (eps is 0)";
      throw new RangeError(
        `foldBatchNorm: expected a running variance ${bound}, got ${variance} in channel ${channel}`,
      );
    }
    const scale = (norm.weight?.data[channel] ?? 1) / Math.sqrt(variance + norm.eps);
    for (let i = channel * fanIn; i < (channel + 1) * fanIn; i++) foldedWeight[i] = weight.data[i] * scale;
    const shift = norm.bias?.data[channel] ?? 0;
    foldedBias[channel] = ((bias?.data[channel] ?? 0) - norm.running.mean.data[channel]) * scale + shift;
  }
  return new Map([
    ["weight", { shape: [...weight.shape], data: foldedWeight }],
    ["bias", { shape: [features], data: foldedBias }],
  ]);
}
