/**
 * Kernels of softmax and what is built on it, over the last axis. The greatest logit is subtracted first, so that exp
 * cannot overflow.
 */

import { checkIndex } from "./indexing.ts";
import type { Kernels } from "./kernel.ts";
import type { NdArray } from "./ndArray.ts";
import { ndArray } from "./ndArray.ts";

export const softmaxKernels: Kernels<"softmax" | "logSoftmax" | "nll"> = {
  softmax: ([x]) => {
    const C = x.shape[x.shape.length - 1];
    const result = { ...x, data: x.data.slice() };
    for (let from = 0; from < x.data.length; from += C) softmaxInPlace(result.data.subarray(from, from + C));
    return [result];
  },

  logSoftmax: ([x]) => [logSoftmax(x)],

  // nll[...] = -logProbs[..., target], 0 where the target is ignored
  nll: ([logits, targets], { ignoreIndex }) => {
    const V = logits.shape[logits.shape.length - 1];
    const logProbs = logSoftmax(logits);
    const result = ndArray("float32", targets.shape);
    targets.data.forEach((target, row) => {
      if (target === ignoreIndex) return;
      checkIndex("nll", target, V);
      result.data[row] = -logProbs.data[row * V + target];
    });
    return [result, logProbs];
  },
};

/** exp(x - max) / sum(exp(x - max)), written over x; a `sink` is one more x of the sum, of which nothing is written. */
export function softmaxInPlace(row: Float64Array, sink: number = -Infinity): void {
  const greatest = row.reduce((a, b) => Math.max(a, b), sink);
  let sum = Math.exp(sink - greatest);
  for (let c = 0; c < row.length; c++) {
    row[c] = Math.exp(row[c] - greatest);
    sum += row[c];
  }
  for (let c = 0; c < row.length; c++) row[c] /= sum;
}

/** x - max - log(sum(exp(x - max))), row by row. */
function logSoftmax(x: NdArray): NdArray {
  const C = x.shape[x.shape.length - 1];
  const result = ndArray("float32", x.shape);
  for (let from = 0; from < x.data.length; from += C) {
    const row = x.data.subarray(from, from + C);
    const greatest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (const element of row) sum += Math.exp(element - greatest);
    const logSum = Math.log(sum);
    for (let c = 0; c < C; c++) result.data[from + c] = row[c] - greatest - logSum;
  }
  return result;
}
