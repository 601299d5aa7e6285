/**
 * Writes a GGUF file, version 3. It checks what would make the file unreadable; whether a model is complete is for its reader
 * to say.
 */

import { alignUp, defaultGgufAlignment, type Gguf, ggufByteLength, ggufTensorTypes, type GgufTensor } from "./gguf.ts";
import { GgufWriter } from "./ggufWriter.ts";

/** The longest name of a tensor that ggml keeps, in bytes. */
const maxNameBytes = 63;

/** The version of the quantized types, which a file with any has to state. */
const quantizationVersion = 2;

/** A tensor whose bytes are made when they are written. */
export interface GgufTensorSource extends Pick<GgufTensor, "type" | "shape"> {
  /** `ggufByteLength(type, shape)` bytes. */
  data(): Uint8Array;
}

/** What a file is to hold. */
export interface GgufSource {
  readonly metadata: Gguf["metadata"];
  readonly tensors: ReadonlyMap<string, GgufTensorSource>;
}

/**
 * Encodes a GGUF file. The same content gives the same bytes.
 *
 * `general.alignment` of the metadata is followed where it is there, and `general.quantization_version` is added to
 * quantized tensors where it is not.
 *
 * @returns the file; tensors are copied into it once.
 * @throws RangeError where a key, a name, a value or a shape does not fit the format; TypeError for values of a wrong type.
 * @example
 * encodeGguf({
 *   metadata: new Map([["general.architecture", { type: "string", value: "llama" }]]),
 *   tensors: new Map([["output_norm.weight", { type: "F32", shape: [64], data: new Uint8Array(256) }]]),
 * });
 */
export function encodeGguf({ metadata, tensors }: Gguf): Uint8Array<ArrayBuffer> {
  const sources = [...tensors].map(
    ([name, { type, shape, data }]) => [name, { type, shape, data: () => data }] as const,
  );
  const pieces = [...ggufPieces({ metadata, tensors: new Map(sources) })];
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}

/**
 * The bytes of {@link encodeGguf} in pieces, of which the tensors' are made one after the other, so that a large file is never in memory.
 *
 * @throws as `encodeGguf`; all but a wrong number of a tensor's bytes before the first piece.
 */
export function* ggufPieces({ metadata, tensors }: GgufSource): Generator<Uint8Array> {
  const values = new Map(metadata);
  const isQuantized = [...tensors.values()].some(({ type }) => String(type).startsWith("Q"));
  if (isQuantized && !values.has("general.quantization_version")) {
    values.set("general.quantization_version", { type: "uint32", value: quantizationVersion });
  }
  const alignment = alignmentOf(values);

  const writer = new GgufWriter();
  writer.ascii("GGUF");
  writer.uint32(3);
  writer.uint64(tensors.size);
  writer.uint64(values.size);
  for (const [key, value] of values) writer.entry(key, value);
  let end = 0;
  for (const [name, tensor] of tensors) {
    const offset = alignUp(end, alignment);
    end = offset + checkedLength(name, tensor);
    writer.string(`the name of tensor ${JSON.stringify(name)}`, name);
    writer.uint32(tensor.shape.length);
    for (const size of tensor.shape.toReversed()) writer.uint64(size);
    writer.uint32(ggufTensorTypes[tensor.type].code);
    writer.uint64(offset);
  }
  yield* padded(writer.bytes(), alignment);
  for (const [name, { type, shape, data }] of tensors) {
    const bytes = data();
    const expected = ggufByteLength(type, shape);
    if (bytes.length !== expected) {
      throw new RangeError(
        `encodeGguf: expected ${expected} bytes for tensor ${JSON.stringify(name)} (${type} [${shape.join(", ")}]), got ${bytes.length}`,
      );
    }
    yield* padded(bytes, alignment);
  }
}

function* padded(bytes: Uint8Array, alignment: number): Generator<Uint8Array> {
  yield bytes;
  const padding = alignUp(bytes.length, alignment) - bytes.length;
  if (padding > 0) yield new Uint8Array(padding);
}

function alignmentOf(metadata: Gguf["metadata"]): number {
  const value = metadata.get("general.alignment");
  if (value === undefined) return defaultGgufAlignment;
  if (value.type !== "uint32" || !isAlignment(value.value)) {
    const got = value.type === "array" ? "an array" : `${value.type} ${String(value.value)}`;
    throw new RangeError(
      `encodeGguf: expected general.alignment to be a uint32 that is a power of two from 8, got ${got}`,
    );
  }
  return value.value;
}

/** Whether tensors may begin at multiples of `value` bytes. */
export function isAlignment(value: number): boolean {
  return Number.isInteger(value) && value >= 8 && value <= 2 ** 31 && Number.isInteger(Math.log2(value));
}

function checkedLength(name: string, { type, shape }: Pick<GgufTensor, "type" | "shape">): number {
  const tensor = `tensor ${JSON.stringify(name)}`;
  const nameBytes = new TextEncoder().encode(name).length;
  if (nameBytes === 0 || nameBytes > maxNameBytes) {
    throw new RangeError(`encodeGguf: expected names of 1 to ${maxNameBytes} bytes, got ${nameBytes} for ${tensor}`);
  }
  if (!Object.hasOwn(ggufTensorTypes, type)) {
    const known = Object.keys(ggufTensorTypes).join(", ");
    throw new RangeError(`encodeGguf: expected ${tensor} to be of type ${known}, got ${String(type)}`);
  }
  const bytes = ggufByteLength(type, shape);
  if (bytes === undefined) {
    throw new RangeError(
      `encodeGguf: expected ${tensor} to have at most 4 axes, the last of whole blocks of ` +
        `${ggufTensorTypes[type].blockSize} (${type}), got [${shape.join(", ")}]`,
    );
  }
  return bytes;
}
