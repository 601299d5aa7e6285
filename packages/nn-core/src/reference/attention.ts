/**
 * Kernel of scaled dot-product attention, one query at a time.
 *
 * @see Vaswani et al., Attention Is All You Need, section 3.2.1
 */

import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";
import { softmaxInPlace } from "./softmax.ts";
import { broadcast } from "./strided.ts";

export const attentionKernels: Kernels<"scaledDotProductAttention"> = {
  // y = dropout(softmax(scale * q k^T where allowed)) v
  scaledDotProductAttention: (inputs, { causal, scale, masked, keepProbability }) => {
    const [q, k, v] = inputs;
    const [B, H, Tq, D] = q.shape;
    const Tk = k.shape[2];
    const Dv = v.shape[3];
    const probabilities = ndArray("float32", [B, H, Tq, Tk]);
    const mask = masked ? broadcast(inputs[3], probabilities.shape) : undefined;
    const dropoutMask = keepProbability === undefined ? undefined : inputs[masked ? 4 : 3];
    const y = ndArray("float32", [B, H, Tq, Dv]);

    for (let head = 0; head < B * H; head++) {
      for (let i = 0; i < Tq; i++) {
        const query = head * Tq + i;
        const scores = probabilities.data.subarray(query * Tk, (query + 1) * Tk);
        for (let j = 0; j < Tk; j++) {
          const key = head * Tk + j;
          const allowed = (!causal || j <= i + (Tk - Tq)) && (mask === undefined || mask.data[query * Tk + j] === 1);
          let dot = 0;
          for (let d = 0; d < D; d++) dot += q.data[query * D + d] * k.data[key * D + d];
          scores[j] = allowed ? scale * dot : -Infinity;
        }
        if (scores.every((score) => score === -Infinity)) scores.fill(0);
        else softmaxInPlace(scores);
        for (let j = 0; j < Tk; j++) {
          let weight = scores[j];
          if (dropoutMask !== undefined && keepProbability !== undefined) {
            weight = dropoutMask.data[query * Tk + j] === 1 ? weight / keepProbability : 0;
          }
          const value = (head * Tk + j) * Dv;
          for (let d = 0; d < Dv; d++) y.data[query * Dv + d] += weight * v.data[value + d];
        }
      }
    }
    return [y, probabilities];
  },
};
