/**
 * Reads a GGUF file, trusting nothing in it. Tensors have to lie one after the other at aligned offsets, as every writer
 * places them and llama.cpp demands.
 */

import { isAlignment } from "./encodeGguf.ts";
import {
  alignUp,
  defaultGgufAlignment,
  type Gguf,
  ggufByteLength,
  type GgufTensor,
  type GgufTensorType,
  ggufTensorTypes,
  type GgufValue,
  maxGgufAxes,
} from "./gguf.ts";
import { GgufReader } from "./ggufReader.ts";

/** "GGUF", read as a little-endian number. */
const magic = 0x4655_4747;

/** The fewest bytes of an entry of the metadata: an empty key, a type, a byte. Of a tensor: a name, axes, a type, an offset. */
const leastEntry = 13;
const leastTensor = 24;

interface TensorInfo {
  readonly name: string;
  readonly type: GgufTensorType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly length: number;
}

const typeByCode = new Map(
  Object.entries(ggufTensorTypes).map(([name, { code }]) => [code as number, name as GgufTensorType]),
);

/**
 * Decodes the bytes of a GGUF file.
 *
 * @param bytes - the whole file
 * @returns metadata, and tensors as views of `bytes`.
 * @throws RangeError where the file is damaged, of another version or byte order, or has tensors of types other than F32,
 * F16, Q8_0 and Q4_0; the message names the place. TypeError where `bytes` is not a Uint8Array.
 */
export function decodeGguf(bytes: Uint8Array): Gguf {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`decodeGguf: expected a Uint8Array, got ${Object.prototype.toString.call(bytes).slice(8, -1)}`);
  }
  const reader = new GgufReader(bytes);
  readStart(reader);
  const tensorCount = reader.count("the number of tensors", leastTensor);
  const metadata = readMetadata(reader);
  const alignment = alignmentOf(metadata.get("general.alignment"));
  const infos: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const at = reader.position;
    const previous = infos.at(-1);
    const info = readTensorInfo(
      reader,
      previous === undefined ? 0 : alignUp(previous.begin + previous.length, alignment),
    );
    if (names.has(info.name)) throw reader.unexpected("names that differ", "tensors", JSON.stringify(info.name), at);
    names.add(info.name);
    infos.push(info);
  }

  const dataStart = alignUp(reader.position, alignment);
  const tensors = new Map<string, GgufTensor>();
  for (const { name, type, shape, begin, length } of infos) {
    const start = dataStart + begin;
    if (start + length > bytes.length) {
      const left = Math.max(bytes.length - start, 0);
      const what = `tensor ${quote(name)}`;
      throw reader.unexpected(`${length} bytes`, what, `${left}: is the file truncated?`, start);
    }
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
    tensors.set(name, { type, shape, data });
  }
  return { metadata, tensors };
}

function readStart(reader: GgufReader): void {
  if (reader.uint32("the file's first bytes") !== magic) {
    throw reader.unexpected('"GGUF"', "the file's first bytes", "others: is this a GGUF file?", 0);
  }
  const version = reader.uint32("the version");
  if (version === 3) return;
  const isSwapped = version !== 0 && version % 0x1_0000 === 0;
  throw reader.unexpected("3", "the version", isSwapped ? `${version}: a big-endian file?` : version, 4);
}

function readMetadata(reader: GgufReader): Map<string, GgufValue> {
  const count = reader.count("the number of metadata entries", leastEntry);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const at = reader.position;
    const key = reader.string("a key");
    if (key === "" || metadata.has(key)) throw reader.unexpected("keys that differ", "metadata", quote(key), at);
    metadata.set(key, reader.value(`metadata ${quote(key)}`));
  }
  return metadata;
}

function readTensorInfo(reader: GgufReader, expectedOffset: number): TensorInfo {
  const name = reader.string("the name of a tensor");
  const what = `tensor ${quote(name)}`;
  const axes = reader.uint32(`the number of axes of ${what}`);
  if (axes > maxGgufAxes) {
    throw reader.unexpected(`at most ${maxGgufAxes}`, `the number of axes of ${what}`, axes, reader.position - 4);
  }
  const shape = Array.from({ length: axes }, () => reader.uint64(`the shape of ${what}`)).reverse();
  const code = reader.uint32(`the type of ${what}`);
  const type = typeByCode.get(code);
  if (type === undefined) {
    const known = Object.entries(ggufTensorTypes).map(([known, { code }]) => `${code} (${known})`);
    throw reader.unexpected(`one of ${known.join(", ")}`, `the type of ${what}`, code, reader.position - 4);
  }
  const length = ggufByteLength(type, shape);
  if (length === undefined) {
    throw reader.unexpected(`whole blocks and fewer than 2^53 bytes`, `${what} (${type})`, `[${shape.join(", ")}]`);
  }
  const begin = reader.uint64(`the offset of ${what}`);
  if (begin !== expectedOffset) {
    throw reader.unexpected(
      `${expectedOffset}, after the one before,`,
      `the offset of ${what}`,
      begin,
      reader.position - 8,
    );
  }
  return { name, type, shape, begin, length };
}

function alignmentOf(value: GgufValue | undefined): number {
  if (value === undefined) return defaultGgufAlignment;
  if (value.type === "uint32" && isAlignment(value.value)) return value.value;
  const got = value.type === "array" ? "an array" : `${value.type} ${String(value.value).slice(0, 40)}`;
  throw new RangeError(
    `decodeGguf: expected general.alignment to be a uint32 that is a power of two from 8, got ${got}`,
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
