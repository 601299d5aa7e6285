/**
 * Weight-only quantization in blocks: a few bits for each weight, and a scale for each block of neighbours in a row.
 *
 * A weight is [outFeatures, inFeatures], as everywhere in this toolkit, and blocks run along inFeatures, the axis that a
 * product sums over. Bytes lie as ONNX Runtime's MatMulNBits takes them, so that a file holds them as they are; other
 * layouts are made from `unpackLevels`. Activations stay in float32: nothing here depends on data.
 *
 * @see https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
 */

import { roundToFloat16 } from "@llm-learning/nn-core";
import { ScaleSearch } from "./scaleSearch.ts";

/** Those that ONNX Runtime has kernels for. */
const blockSizes: readonly number[] = [16, 32, 64, 128, 256];

/** How a weight is quantized. */
export interface BlockQuantizationOptions {
  /** Bits of a weight. @defaultValue 4 */
  bits?: 4 | 8;
  /** Weights that share a scale: 16, 32, 64, 128 or 256. @defaultValue 32 */
  blockSize?: number;
  /**
   * Whether level 2^(bits-1) means 0 in every block. Otherwise a block has a zero point of its own, which costs `bits` more
   * for each and suits weights that are not centred. @defaultValue true
   */
  symmetric?: boolean;
  /** The values that a scale may take: those of float16 for files that store scales so. @defaultValue "float32" */
  scaleType?: "float32" | "float16";
}

/**
 * A weight in blocks: `w[n, k] = (level[n, k] - zeroPoint[n, block]) * scale[n, block]` with `block = floor(k / blockSize)`.
 */
export interface BlockQuantizedWeight {
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /**
   * Levels, [outFeatures, blocks, blockSize * bits / 8] with `blocks = ceil(inFeatures / blockSize)`. Of two that share a
   * byte, the first is the low half. A last block that is not full is filled with levels that mean 0.
   */
  readonly data: Uint8Array<ArrayBuffer>;
  /** [outFeatures, blocks] */
  readonly scales: Float32Array<ArrayBuffer>;
  /** [outFeatures, ceil(blocks * bits / 8)], packed as the levels; undefined where 2^(bits-1) means 0 everywhere. */
  readonly zeroPoints: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Quantizes a weight, each block with the scale of least squared error that a search finds (see `scaleSearch.ts`).
 *
 * @param weight - [outFeatures, inFeatures], row-major, finite.
 * @param shape - outFeatures and inFeatures, integers > 0.
 * @throws RangeError where the shape does not fit the weight, a weight is NaN or infinite, or an option is none of its values.
 * @throws TypeError where `weight` is not a Float32Array.
 * @example
 * quantizeBlocks(new Float32Array(64), [2, 32], { bits: 4 }).data.length; // => 32
 */
export function quantizeBlocks(
  weight: Float32Array,
  shape: readonly [outFeatures: number, inFeatures: number],
  options: BlockQuantizationOptions = {},
): BlockQuantizedWeight {
  const { bits = 4, blockSize = 32, symmetric = true, scaleType = "float32" } = options;
  const [outFeatures, inFeatures] = shape;
  checkOptions(bits, blockSize, scaleType);
  checkWeight(weight, outFeatures, inFeatures);

  const blocks = Math.ceil(inFeatures / blockSize);
  const bytesPerBlock = (blockSize * bits) / 8;
  const data = new Uint8Array(outFeatures * blocks * bytesPerBlock);
  const scales = new Float32Array(outFeatures * blocks);
  const zeroPointBytes = Math.ceil((blocks * bits) / 8);
  const zeroPoints = symmetric ? undefined : new Uint8Array(outFeatures * zeroPointBytes);
  const roundScale = scaleType === "float16" ? roundToFloat16 : Math.fround;
  const grid = new ScaleSearch({ bits, symmetric, roundScale });
  for (let n = 0; n < outFeatures; n++) {
    for (let block = 0; block < blocks; block++) {
      const start = n * inFeatures + block * blockSize;
      const end = Math.min(start + blockSize, (n + 1) * inFeatures);
      const index = n * blocks + block;
      grid.search(weight, start, end);
      scales[index] = grid.scale;
      if (zeroPoints !== undefined) putLevel(zeroPoints, n * zeroPointBytes, block, bits, grid.zeroPoint);
      for (let i = 0; i < blockSize; i++) {
        const level = start + i < end ? grid.levelOf(weight[start + i]) : grid.zeroPoint;
        putLevel(data, index * bytesPerBlock, i, bits, level);
      }
    }
  }
  return { outFeatures, inFeatures, bits, blockSize, data, scales, zeroPoints };
}

/** Writes the level of index `i` among those that begin at byte `start`; the bytes are 0 before. */
function putLevel(bytes: Uint8Array, start: number, i: number, bits: 4 | 8, level: number): void {
  if (bits === 8) bytes[start + i] = level;
  else bytes[start + (i >> 1)] |= level << (4 * (i & 1));
}

function checkOptions(bits: number, blockSize: number, scaleType: string): void {
  if (bits !== 4 && bits !== 8) throw new RangeError(`quantizeBlocks: expected bits to be 4 or 8, got ${bits}`);
  if (!blockSizes.includes(blockSize)) {
    throw new RangeError(`quantizeBlocks: expected blockSize to be one of ${blockSizes.join(", ")}, got ${blockSize}`);
  }
  if (scaleType !== "float32" && scaleType !== "float16") {
    throw new RangeError(`quantizeBlocks: expected scaleType to be "float32" or "float16", got ${String(scaleType)}`);
  }
}

function checkWeight(weight: Float32Array, outFeatures: number, inFeatures: number): void {
  if (!(weight instanceof Float32Array)) {
    const got = Object.prototype.toString.call(weight).slice(8, -1);
    throw new TypeError(`quantizeBlocks: expected weight to be a Float32Array, got ${got}`);
  }
  if (![outFeatures, inFeatures].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError(
      `quantizeBlocks: expected outFeatures and inFeatures to be integers > 0, got [${outFeatures}, ${inFeatures}]`,
    );
  }
  if (outFeatures * inFeatures !== weight.length) {
    throw new RangeError(
      `quantizeBlocks: expected [${outFeatures}, ${inFeatures}] = ${outFeatures * inFeatures} weights, got ${weight.length}`,
    );
  }
  for (let i = 0; i < weight.length; i++) {
    if (!Number.isFinite(weight[i])) {
      const place = `[${Math.floor(i / inFeatures)}, ${i % inFeatures}]`;
      throw new RangeError(
        `quantizeBlocks: expected finite weights, got ${weight[i]} at ${place}: did the training diverge?`,
      );
    }
  }
}
