/**
 * Kernels of normalization over the last axis.
 */

import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";

export const normalizationKernels: Kernels<"layerNorm" | "rmsNorm"> = {
  // y = (x - mean) * invStd * weight + bias, invStd = 1 / sqrt(biased variance + eps)
  layerNorm: ([x, weight, bias], { eps }) => {
    const C = x.shape[x.shape.length - 1];
    const y = ndArray("float32", x.shape);
    const mean = ndArray("float32", [...x.shape.slice(0, -1), 1]);
    const invStd = ndArray("float32", mean.shape);
    for (let row = 0; row < mean.data.length; row++) {
      const from = row * C;
      let sum = 0;
      for (let c = 0; c < C; c++) sum += x.data[from + c];
      const center = sum / C;
      let squares = 0;
      for (let c = 0; c < C; c++) squares += (x.data[from + c] - center) ** 2;
      const scale = 1 / Math.sqrt(squares / C + eps);
      for (let c = 0; c < C; c++) {
        y.data[from + c] = (x.data[from + c] - center) * scale * weight.data[c] + (bias?.data[c] ?? 0);
      }
      mean.data[row] = center;
      invStd.data[row] = scale;
    }
    return [y, mean, invStd];
  },

  // y = x * invRms * weight, invRms = 1 / sqrt(mean(x^2) + eps)
  rmsNorm: ([x, weight], { eps }) => {
    const C = x.shape[x.shape.length - 1];
    const y = ndArray("float32", x.shape);
    const invRms = ndArray("float32", [...x.shape.slice(0, -1), 1]);
    for (let row = 0; row < invRms.data.length; row++) {
      const from = row * C;
      let squares = 0;
      for (let c = 0; c < C; c++) squares += x.data[from + c] ** 2;
      const scale = 1 / Math.sqrt(squares / C + eps);
      for (let c = 0; c < C; c++) y.data[from + c] = x.data[from + c] * scale * weight.data[c];
      invRms.data[row] = scale;
    }
    return [y, invRms];
  },
};
