/**
 * Kernel of scaled dot-product attention, one query at a time.
 *
 * @see Vaswani et al., Attention Is All You Need, section 3.2.1
 */

import { type AttentionOperand, attentionOperand } from "../ops/attentionOperands.ts";
import type { Kernels } from "./kernel.ts";
import { type NdArray, ndArray } from "./ndArray.ts";
import { softmaxInPlace } from "./softmax.ts";
import { broadcast } from "./strided.ts";

export const attentionKernels: Kernels<"scaledDotProductAttention"> = {
  // y = dropout(softmax(cap(scale * q k^T) + bias where allowed, with the sink)) v
  scaledDotProductAttention: (inputs, { causal, window = Infinity, scale, softCap, operands, keepProbability }) => {
    const [q, k, v] = inputs;
    const [B, H, Tq, D] = q.shape;
    const [, Hkv, Tk] = k.shape;
    const Dv = v.shape[3];
    const probabilities = ndArray("float32", [B, H, Tq, Tk]);
    const operand = (name: AttentionOperand): NdArray | undefined => attentionOperand(inputs, operands, name);
    const [visible, offsets] = [operand("mask"), operand("bias")].map(
      (array) => array && broadcast(array, probabilities.shape).data,
    );
    const [sinks, dropoutMask] = [operand("sinks"), operand("dropout")];
    const y = ndArray("float32", [B, H, Tq, Dv]);

    for (let head = 0; head < B * H; head++) {
      const keyValueHead = Math.floor(head / (H / Hkv));
      const sink = sinks === undefined ? -Infinity : sinks.data[head % H];
      for (let i = 0; i < Tq; i++) {
        const query = head * Tq + i;
        const scores = probabilities.data.subarray(query * Tk, (query + 1) * Tk);
        for (let j = 0; j < Tk; j++) {
          const key = keyValueHead * Tk + j;
          const ahead = j - (i + Tk - Tq); // how much later the key is than the query
          const isNear = Math.abs(ahead) < window && (!causal || ahead <= 0);
          const isAllowed = isNear && (visible === undefined || visible[query * Tk + j] === 1);
          let dot = 0;
          for (let d = 0; d < D; d++) dot += q.data[query * D + d] * k.data[key * D + d];
          const score = softCap === undefined ? scale * dot : softCap * Math.tanh((scale * dot) / softCap);
          scores[j] = isAllowed ? score + (offsets?.[query * Tk + j] ?? 0) : -Infinity;
        }
        if (sink === -Infinity && scores.every((score) => score === -Infinity)) scores.fill(0);
        else softmaxInPlace(scores, sink);
        for (let j = 0; j < Tk; j++) {
          let weight = scores[j];
          if (dropoutMask !== undefined && keepProbability !== undefined) {
            weight = dropoutMask.data[query * Tk + j] === 1 ? weight / keepProbability : 0;
          }
          const value = (keyValueHead * Tk + j) * Dv;
          for (let d = 0; d < Dv; d++) y.data[query * Dv + d] += weight * v.data[value + d];
        }
      }
    }
    return [y, probabilities];
  },
};
