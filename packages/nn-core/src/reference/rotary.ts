/**
 * Kernel of rotary positions: pairs of features turned by the angles of their token.
 */

import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";

export const rotaryKernels: Kernels<"rotary"> = {
  // (a, b) -> (a cos - b sin, b cos + a sin), b half of the turned features behind a
  rotary: ([x, cos, sin]) => {
    const [, H, T, D] = x.shape;
    const half = cos.shape[cos.shape.length - 1];
    const y = ndArray("float32", x.shape);
    y.data.set(x.data);
    for (let row = 0; row * D < x.data.length; row++) {
      const batch = cos.shape.length === 2 ? 0 : Math.floor(row / (H * T));
      const angles = (batch * T + (row % T)) * half;
      for (let pair = 0; pair < half; pair++) {
        const at = row * D + pair;
        const [a, b] = [x.data[at], x.data[at + half]];
        y.data[at] = a * cos.data[angles + pair] - b * sin.data[angles + pair];
        y.data[at + half] = b * cos.data[angles + pair] + a * sin.data[angles + pair];
      }
    }
    return [y];
  },
};
