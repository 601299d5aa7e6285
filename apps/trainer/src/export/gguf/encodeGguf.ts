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
  const values = new Map(metadata);
  const isQuantized = [...tensors.values()].some(({ type }) => type.startsWith("Q"));
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
  const placed = [...tensors].map(([name, tensor]) => {
    const offset = alignUp(end, alignment);
    end = offset + checkedLength(name, tensor);
    writer.string(`the name of tensor ${JSON.stringify(name)}`, name);
    writer.uint32(tensor.shape.length);
    for (const size of tensor.shape.toReversed()) writer.uint64(size);
    writer.uint32(ggufTensorTypes[tensor.type].code);
    writer.uint64(offset);
    return { offset, data: tensor.data };
  });

  const header = writer.bytes();
  const dataStart = alignUp(header.length, alignment);
  const file = new Uint8Array(dataStart + alignUp(end, alignment));
  file.set(header);
  for (const { offset, data } of placed) file.set(data, dataStart + offset);
  return file;
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

function checkedLength(name: string, { type, shape, data }: GgufTensor): number {
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
  if (data.length !== bytes) {
    throw new RangeError(
      `encodeGguf: expected ${bytes} bytes for ${tensor} (${type} [${shape.join(", ")}]), got ${data.length}`,
    );
  }
  return bytes;
}
