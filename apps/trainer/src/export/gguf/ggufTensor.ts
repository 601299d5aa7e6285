/**
 * Weights as tensors of a GGUF file, and back: float32, half precision, or in blocks of 32.
 *
 * A block is its scale d, a half, and 32 levels: in Q8_0 int8 numbers q with w = q d; in Q4_0 numbers from 0 to 15 with w =
 * (q - 8) d, the first 16 in the low halves of 16 bytes and the last 16 in the high halves. The scale is searched for as in
 * ONNX files, among halves.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
 */

import { decodeFloat16, encodeFloat16, maxFloat16 } from "@llm-learning/nn-core";
import { dequantizeBlocks, quantizeBlocks } from "@llm-learning/onnx";
import { ggufByteLength, type GgufTensor, type GgufTensorType, ggufTensorTypes } from "./gguf.ts";

const blockSize = 32;

/**
 * A tensor of the values given.
 *
 * @param values - row-major, finite.
 * @param shape - outermost axis first; for Q8_0 and Q4_0 the last is a multiple of 32.
 * @throws RangeError where values and shape do not go together, or a value has no place in the type: NaN and infinities
 * nowhere but in F32, and nothing beyond 65504 in F16.
 */
export function ggufTensor(values: Float32Array, shape: readonly number[], type: GgufTensorType): GgufTensor {
  const { blockBytes, blockSize: perBlock } = ggufTensorTypes[type];
  const bytes = ggufByteLength(type, shape);
  if (bytes === undefined || (bytes / blockBytes) * perBlock !== values.length) {
    throw new RangeError(
      `ggufTensor: expected a shape of ${values.length} values in whole blocks (${type}), got [${shape.join(", ")}]`,
    );
  }
  switch (type) {
    case "F32":
      return { type, shape, data: new Uint8Array(Float32Array.from(values).buffer) };
    case "F16":
      return { type, shape, data: new Uint8Array(checkedHalves(values).buffer) };
    case "Q8_0":
    case "Q4_0":
      return { type, shape, data: quantized(values, shape, type) };
  }
}

/** The values that a tensor stands for, in float32. */
export function ggufValues({ type, shape, data }: GgufTensor): Float32Array {
  // A copy: tensors of a file may lie at any offset of its buffer.
  const bytes = Uint8Array.from(data);
  if (type === "F32") return new Float32Array(bytes.buffer);
  if (type === "F16") return decodeFloat16(new Uint16Array(bytes.buffer));
  const inFeatures = shape.at(-1) ?? 0;
  const { blockBytes } = ggufTensorTypes[type];
  const blocks = bytes.length / blockBytes;
  if (blocks === 0) return new Float32Array(0);
  const levelBytes = blockBytes - 2;
  const levels = new Uint8Array(blocks * levelBytes);
  const scales = new Uint16Array(blocks);
  const view = new DataView(bytes.buffer);
  const reordered = type === "Q8_0" ? otherSign : pairsOfNeighbours;
  for (let block = 0; block < blocks; block++) {
    const start = block * blockBytes;
    scales[block] = view.getUint16(start, true);
    levels.set(reordered(bytes.subarray(start + 2, start + blockBytes)), block * levelBytes);
  }
  return dequantizeBlocks({
    outFeatures: (blocks * blockSize) / inFeatures,
    inFeatures,
    bits: type === "Q8_0" ? 8 : 4,
    blockSize,
    data: levels,
    scales: decodeFloat16(scales),
    zeroPoints: undefined,
  });
}

function checkedHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const index = values.findIndex((value) => !(Math.abs(value) <= maxFloat16));
  if (index >= 0) {
    throw new RangeError(
      `ggufTensor: expected values of at most ${maxFloat16} in F16, got ${values[index]} at ${index}: use F32 for this tensor`,
    );
  }
  return encodeFloat16(values);
}

function quantized(values: Float32Array, shape: readonly number[], type: "Q8_0" | "Q4_0"): Uint8Array {
  const inFeatures = shape.at(-1) ?? 0;
  if (values.length === 0) return new Uint8Array(0);
  const bits = type === "Q8_0" ? 8 : 4;
  const options = { bits, blockSize, scaleType: "float16" } as const;
  const { data, scales } = quantizeBlocks(values, [values.length / inFeatures, inFeatures], options);
  const { blockBytes } = ggufTensorTypes[type];
  const levelBytes = blockBytes - 2;
  const halves = encodeFloat16(scales);
  const result = new Uint8Array(scales.length * blockBytes);
  const view = new DataView(result.buffer);
  const reordered = type === "Q8_0" ? otherSign : halvesOfBlock;
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockBytes;
    view.setUint16(start, halves[block], true);
    result.set(reordered(data.subarray(block * levelBytes, (block + 1) * levelBytes)), start + 2);
  }
  return result;
}

/** Levels from 0 to 255 as int8 around the middle, or back: the top bit is the other way round. */
function otherSign(levels: Uint8Array): Uint8Array {
  return levels.map((level) => level ^ 0x80);
}

/** From levels 2i and 2i + 1 in byte i to levels i and i + 16. */
function halvesOfBlock(pairs: Uint8Array): Uint8Array {
  const level = (i: number): number => (pairs[i >> 1] >>> (4 * (i & 1))) & 15;
  return pairs.map((_, i) => level(i) | (level(i + 16) << 4));
}

/** From levels i and i + 16 in byte i to levels 2i and 2i + 1. */
function pairsOfNeighbours(halves: Uint8Array): Uint8Array {
  const level = (i: number): number => (halves[i & 15] >>> (i < 16 ? 0 : 4)) & 15;
  return halves.map((_, i) => level(2 * i) | (level(2 * i + 1) << 4));
}
