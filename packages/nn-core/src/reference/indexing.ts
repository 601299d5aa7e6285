/**
 * Kernels of ops that read or write at indices. An index outside its range is an error here, where engines differ.
 */

import type { Kernels } from "./kernel.ts";
import { ndArray } from "./ndArray.ts";
import { aroundAxis } from "./strided.ts";

export const indexingKernels: Kernels<"embedding" | "embeddingGrad" | "gather" | "scatterAdd" | "oneHot"> = {
  embedding: ([weight, indices]) => {
    const [V, C] = weight.shape;
    const result = ndArray("float32", [...indices.shape, C]);
    indices.data.forEach((index, row) => {
      checkIndex("embedding", index, V);
      result.data.set(weight.data.subarray(index * C, (index + 1) * C), row * C);
    });
    return [result];
  },

  embeddingGrad: ([g, indices], { numEmbeddings }) => {
    const C = g.shape[g.shape.length - 1];
    const result = ndArray("float32", [numEmbeddings, C]);
    indices.data.forEach((index, row) => {
      checkIndex("embeddingGrad", index, numEmbeddings);
      for (let c = 0; c < C; c++) result.data[index * C + c] += g.data[row * C + c];
    });
    return [result];
  },

  // out[..., i, ...] = x[..., indices[..., i, ...], ...]
  gather: ([x, indices], { axis }) => {
    const { size: sourceSize } = aroundAxis(x.shape, axis);
    const { outer, size, inner } = aroundAxis(indices.shape, axis);
    const result = ndArray(x.dtype, indices.shape);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < size; i++) {
        for (let n = 0; n < inner; n++) {
          const at = (o * size + i) * inner + n;
          const index = indices.data[at];
          checkIndex("gather", index, sourceSize);
          result.data[at] = x.data[(o * sourceSize + index) * inner + n];
        }
      }
    }
    return [result];
  },

  // out[..., indices[..., i, ...], ...] += g[..., i, ...]
  scatterAdd: ([g, indices], { axis, size: targetSize }) => {
    const { outer, size, inner } = aroundAxis(indices.shape, axis);
    const result = ndArray(g.dtype, g.shape.with(axis, targetSize));
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < size; i++) {
        for (let n = 0; n < inner; n++) {
          const at = (o * size + i) * inner + n;
          const index = indices.data[at];
          checkIndex("scatterAdd", index, targetSize);
          result.data[(o * targetSize + index) * inner + n] += g.data[at];
        }
      }
    }
    return [result];
  },

  oneHot: ([indices], { depth }) => {
    const result = ndArray("float32", [...indices.shape, depth]);
    indices.data.forEach((index, row) => {
      if (index >= 0 && index < depth) result.data[row * depth + index] = 1;
    });
    return [result];
  },
};

/** @throws RangeError if `index` is not in [0, size). */
export function checkIndex(op: string, index: number, size: number): void {
  if (index < 0 || index >= size) throw new RangeError(`${op}: expected indices from 0 to ${size - 1}, got ${index}`);
}
