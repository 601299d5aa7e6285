/**
 * From a weight in blocks back to numbers: its levels one by one, and the float32 values that a runtime computes with.
 */

import type { BlockQuantizedWeight } from "./blockQuantization.ts";

/**
 * The weight that the blocks stand for: `(level - zeroPoint) * scale`, in float32.
 *
 * @returns [outFeatures, inFeatures]
 * @example
 * dequantizeBlocks(quantizeBlocks(new Float32Array(16).fill(0.5), [1, 16]))[0]; // => 0.5
 */
export function dequantizeBlocks(weight: BlockQuantizedWeight): Float32Array<ArrayBuffer> {
  const { outFeatures, inFeatures, blockSize, scales } = weight;
  const blocks = Math.ceil(inFeatures / blockSize);
  const levels = unpackLevels(weight);
  const zeroPoints = unpackZeroPoints(weight);
  const values = new Float32Array(outFeatures * inFeatures);
  for (let n = 0; n < outFeatures; n++) {
    for (let k = 0; k < inFeatures; k++) {
      const block = n * blocks + Math.floor(k / blockSize);
      const at = n * inFeatures + k;
      values[at] = (levels[at] - zeroPoints[block]) * scales[block];
    }
  }
  return values;
}

/** The levels one by one, without the filling of last blocks: [outFeatures, inFeatures], each from 0 to 2^bits - 1. */
export function unpackLevels({ outFeatures, inFeatures, bits, blockSize, data }: BlockQuantizedWeight): Uint8Array {
  const stride = Math.ceil(inFeatures / blockSize) * blockSize * (bits / 8);
  return unpackRows(data, outFeatures, inFeatures, bits, stride);
}

/** The zero points one by one: [outFeatures, blocks]. */
export function unpackZeroPoints(weight: BlockQuantizedWeight): Uint8Array {
  const { outFeatures, bits, scales, zeroPoints } = weight;
  if (zeroPoints === undefined) return new Uint8Array(scales.length).fill(2 ** (bits - 1));
  return unpackRows(zeroPoints, outFeatures, scales.length / outFeatures, bits, zeroPoints.length / outFeatures);
}

/** The first `columns` levels of each of `rows` runs of `stride` bytes. */
function unpackRows(bytes: Uint8Array, rows: number, columns: number, bits: 4 | 8, stride: number): Uint8Array {
  const levels = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) {
      const at = row * stride;
      levels[row * columns + i] = bits === 8 ? bytes[at + i] : (bytes[at + (i >> 1)] >>> (4 * (i & 1))) & 15;
    }
  }
  return levels;
}
