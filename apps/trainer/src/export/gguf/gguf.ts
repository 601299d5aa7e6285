/**
 * A GGUF file as plain data: what `encodeGguf` writes and `decodeGguf` reads. It is the file of llama.cpp and what is built
 * on it: typed metadata, tokenizer included, then tensors.
 *
 * It stands here and not in the onnx package, which knows no other format; a package of its own would have this one reader.
 * Covered are version 3, little-endian, and the tensor types that an export writes: F32, F16, Q8_0 and Q4_0.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */

/** What a GGUF file holds. */
export interface Gguf {
  /** By key, such as "general.architecture", in the order of the file. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** By name, such as "token_embd.weight", in the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** A value of metadata; arrays hold values of one type, which is no array. */
export type GgufValue = GgufScalar | GgufArray;

/** One value. 64-bit integers are read as numbers where these hold them exactly, else as bigints. */
export type GgufScalar =
  | { readonly type: "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32"; readonly value: number }
  | { readonly type: "uint64" | "int64"; readonly value: number | bigint }
  | { readonly type: "float32" | "float64"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string };

/** Values of one type. */
export interface GgufArray {
  readonly type: "array";
  readonly of: GgufScalar["type"];
  readonly values: readonly GgufScalar["value"][];
}

/** A tensor as it lies in the file. */
export interface GgufTensor {
  readonly type: GgufTensorType;
  /** Outermost axis first, as everywhere in this toolkit; the file has it the other way round. */
  readonly shape: readonly number[];
  /** `ggufByteLength(type, shape)` bytes. */
  readonly data: Uint8Array;
}

/** Types of tensors: code in the file, weights in a block of a row, and bytes of a block. */
export const ggufTensorTypes = {
  F32: { code: 0, blockSize: 1, blockBytes: 4 },
  F16: { code: 1, blockSize: 1, blockBytes: 2 },
  /** A half as scale, then 32 levels of 4 bits. */
  Q4_0: { code: 2, blockSize: 32, blockBytes: 18 },
  /** A half as scale, then 32 levels of 8 bits. */
  Q8_0: { code: 8, blockSize: 32, blockBytes: 34 },
} as const;

/** The name of a tensor type. */
export type GgufTensorType = keyof typeof ggufTensorTypes;

/** Most axes that ggml has. */
export const maxGgufAxes = 4;

/**
 * How many bytes a tensor has, or undefined where its type and shape do not go together: more than 4 axes, a size that is no
 * integer of at least 0, a last axis that does not fill its blocks, or 2^53 bytes and more.
 */
export function ggufByteLength(type: GgufTensorType, shape: readonly number[]): number | undefined {
  const { blockSize, blockBytes } = ggufTensorTypes[type];
  if (shape.length > maxGgufAxes || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
  if ((shape.at(-1) ?? 1) % blockSize !== 0) return undefined;
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const bytes = (elements / blockSize) * blockBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The first multiple of `alignment` from `offset` on. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** Where tensors begin, unless the metadata says otherwise: at multiples of so many bytes. */
export const defaultGgufAlignment = 32;
