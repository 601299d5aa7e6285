/**
 * Reads a safetensors file, trusting nothing in it: every length is compared with the bytes at hand before it is used, and
 * nothing is copied, so a hostile file costs no more memory than its own header. The rules are those of the reference
 * implementation (safetensors 0.8): tensors cover the data without holes or overlaps. Two things that it lets pass are
 * refused: repeated keys, which the format forbids, and a `__metadata__` of null. Reading from disk is the caller's.
 */

import { MAX_SAFETENSORS_HEADER } from "./encodeSafetensors.ts";
import { findDuplicateKey } from "./findDuplicateKey.ts";
import {
  entryByteLength,
  isSafetensorsDType,
  isShape,
  isSize,
  quote,
  safetensorsDTypes,
  type SafetensorsDType,
  type SafetensorsEntry,
} from "./safetensorsEntry.ts";
import { decodeUtf8 } from "./utf8.ts";

/** What a safetensors file holds. */
export interface Safetensors {
  /** Tensors by name, in the order of their bytes in the file. */
  readonly tensors: Map<string, SafetensorsEntry>;
  /** The header's `__metadata__`, `{}` where the file has none. Keys are the file's own: read them with Object.hasOwn. */
  readonly metadata: Record<string, string>;
}

interface TensorInfo {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The format nests three deep (header, tensor, shape); fields that later versions may add get a little more. */
const MAX_DEPTH = 16;

/**
 * Decodes the bytes of a safetensors file into views of them.
 *
 * @param bytes - the whole file
 * @returns the tensors, as views of `bytes` that are not always aligned (see `float32View`), and the metadata
 * @throws TypeError where `bytes` is not a Uint8Array
 * @throws RangeError where the file is truncated, malformed or inconsistent; the message names the tensor
 * @see https://github.com/huggingface/safetensors#format
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`decodeSafetensors: expected a Uint8Array, got ${quote(bytes)}`);
  }
  const dataStart = 8 + readHeaderLength(bytes);
  const header = parseHeader(bytes.subarray(8, dataStart));
  const infos: TensorInfo[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") metadata = checkMetadata(value);
    else infos.push(readTensorInfo(name, value));
  }

  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, SafetensorsEntry>();
  const dataLength = bytes.length - dataStart;
  let position = 0;
  for (const { name, dtype, shape, begin, end } of infos) {
    if (begin !== position) {
      fail(
        `tensor ${quote(name)} to begin at ${position}, where the one before it ends`,
        `data_offsets [${begin}, ${end}]`,
      );
    }
    if (end > dataLength) fail(`tensor ${quote(name)} to end within ${dataLength} bytes of data`, `${end}`);
    position = end;
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset + dataStart + begin, end - begin);
    tensors.set(name, { dtype, shape, data });
  }
  if (position !== dataLength)
    fail(`tensors that cover all ${dataLength} bytes of data`, `${position} bytes of tensors`);
  return { tensors, metadata };
}

function readHeaderLength(bytes: Uint8Array): number {
  if (bytes.length < 8) fail("at least 8 bytes, the header's length", `${bytes.length} bytes`);
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (headerLength > BigInt(MAX_SAFETENSORS_HEADER)) {
    fail(`a header of at most ${MAX_SAFETENSORS_HEADER} bytes`, `${headerLength}: is this a safetensors file?`);
  }
  if (headerLength > BigInt(bytes.length - 8)) {
    fail(`a header of ${headerLength} bytes`, `${bytes.length - 8} bytes after its length: is the file truncated?`);
  }
  return Number(headerLength);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  // The format asks for the brace at the very start, so that the first bytes tell the file type.
  if (bytes[0] !== 0x7b)
    fail('a header that begins with "{"', bytes.length === 0 ? "an empty one" : `byte ${bytes[0]}`);
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch (cause) {
    fail("a header in UTF-8", "bytes that are not", cause);
  }
  let header: Record<string, unknown>;
  let duplicate: string | undefined;
  try {
    duplicate = findDuplicateKey(text, MAX_DEPTH);
    header = JSON.parse(text) as Record<string, unknown>; // an object, since the text begins with a brace
  } catch (cause) {
    if (cause instanceof RangeError) fail("a header of tensors", cause.message, cause);
    fail("a header in JSON", quote(text), cause);
  }
  if (duplicate !== undefined) fail("unique keys in the header", `${quote(duplicate)} twice`);
  return header;
}

function checkMetadata(value: unknown): Record<string, string> {
  if (!isObject(value)) fail('"__metadata__" to be an object of strings', quote(value));
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") fail(`metadata ${quote(key)} to be a string`, quote(item));
  }
  return value as Record<string, string>;
}

function readTensorInfo(name: string, value: unknown): TensorInfo {
  const tensor = `tensor ${quote(name)}`;
  if (!isObject(value)) fail(`${tensor} to be an object with dtype, shape and data_offsets`, quote(value));
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isSafetensorsDType(dtype)) fail(`${tensor} to have a dtype of ${safetensorsDTypes.join(", ")}`, quote(dtype));
  if (!isShape(shape)) fail(`${tensor} to have a shape of non-negative integers`, quote(shape));
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[0] > offsets[1]) {
    fail(`${tensor} to have data_offsets [begin, end] with 0 <= begin <= end`, quote(offsets));
  }
  const [begin, end] = offsets as [number, number];
  const byteLength = entryByteLength(dtype, shape);
  const kind = `${tensor} (${dtype}, shape ${quote(shape)})`;
  if (typeof byteLength === "string") fail(`${kind} to fill whole bytes of a file`, byteLength);
  if (byteLength !== end - begin) fail(`${kind} to have ${byteLength} bytes`, `${end - begin}`);
  return { name, dtype, shape, begin, end };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(expected: string, got: string, cause?: unknown): never {
  throw new RangeError(
    `decodeSafetensors: expected ${expected}, got ${got}`,
    cause === undefined ? undefined : { cause },
  );
}
