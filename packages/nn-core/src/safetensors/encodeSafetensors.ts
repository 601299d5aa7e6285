/**
 * Writes a safetensors file: 8 bytes of header length, a JSON header padded with spaces to a multiple of 8, the tensors'
 * bytes without holes. The same tensors give the same bytes in whatever order they come, and the bytes that the reference
 * implementation (safetensors 0.8) writes: tensors by dtype from the widest down, then by name. Writing to disk is the
 * caller's.
 */

import {
  entryByteLength,
  isSafetensorsDType,
  isShape,
  quote,
  safetensorsDTypes,
  type SafetensorsEntry,
} from "./safetensorsEntry.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Largest header, in bytes, that the format allows a reader to expect. */
export const MAX_SAFETENSORS_HEADER = 100_000_000;

/**
 * Encodes named tensors as the bytes of a safetensors file.
 *
 * @param tensors - name and tensor pairs (a `Map` will do) or a plain object; names are unique and not `__metadata__`
 * @param metadata - strings to keep in the header, written first and sorted by key; nothing is written for none
 * @returns the file's bytes, a multiple of 8 up to where the tensors begin, so that every tensor is aligned
 * @throws TypeError where a name, an entry or a metadata value has the wrong type
 * @throws RangeError where a name is taken twice, reserved or not well-formed Unicode, where a dtype is unknown, where a
 * shape does not match its bytes, or where the header passes 100 MB
 * @see https://github.com/huggingface/safetensors#format
 *
 * @example
 * ```ts
 * const bytes = encodeSafetensors({ weight: safetensorsEntry(new Float32Array(6), [2, 3]) }, { format: "pt" });
 * decodeSafetensors(bytes).tensors.get("weight")?.shape; // => [2, 3]
 * ```
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, SafetensorsEntry]> | Readonly<Record<string, SafetensorsEntry>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const pieces = safetensorsPieces(tensors, metadata);
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}

/**
 * The same file in pieces, to be written one after the other: the header, then the data of each tensor as it is, not copied. So a file
 * may be larger than one array can be, and costs no memory beside its tensors.
 *
 * @throws TypeError and RangeError as {@link encodeSafetensors}
 */
export function safetensorsPieces(
  tensors: Iterable<readonly [string, SafetensorsEntry]> | Readonly<Record<string, SafetensorsEntry>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const pairs: (readonly [string, SafetensorsEntry])[] = isIterable(tensors)
    ? Array.from(tensors)
    : Object.entries(tensors);
  const names = new Set<string>();
  for (const [name, entry] of pairs) {
    checkName(name);
    if (names.has(name)) throw new RangeError(`encodeSafetensors: expected unique names, got ${quote(name)} twice`);
    names.add(name);
    checkEntry(name, entry);
  }
  pairs.sort(
    ([aName, a], [bName, b]) =>
      safetensorsDTypes.indexOf(b.dtype) - safetensorsDTypes.indexOf(a.dtype) || compareCodePoints(aName, bName),
  );

  // The header is joined from parts, since an object would move keys such as "0" to the front and swallow "__proto__".
  const parts: string[] = [];
  const metadataEntries = Object.entries(metadata).sort(([a], [b]) => compareCodePoints(a, b));
  if (metadataEntries.length > 0) parts.push(`"__metadata__":{${metadataEntries.map(metadataPair).join(",")}}`);
  let end = 0;
  for (const [name, { dtype, shape, data }] of pairs) {
    const begin = end;
    end += data.length;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const header = encodeUtf8(`{${parts.join(",")}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > MAX_SAFETENSORS_HEADER) {
    throw new RangeError(
      `encodeSafetensors: expected a header of at most ${MAX_SAFETENSORS_HEADER} bytes, got ${headerLength}: ` +
        "use fewer tensors, shorter names or less metadata",
    );
  }

  const head = new Uint8Array(8 + headerLength);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerLength), true);
  head.set(header, 8);
  head.fill(0x20, 8 + header.length);
  return [head, ...pairs.map(([, { data }]) => data)];
}

function isIterable(
  tensors: Iterable<readonly [string, SafetensorsEntry]> | Readonly<Record<string, SafetensorsEntry>>,
): tensors is Iterable<readonly [string, SafetensorsEntry]> {
  return Symbol.iterator in tensors;
}

function checkName(name: unknown): void {
  if (typeof name !== "string") throw new TypeError(`encodeSafetensors: expected a string as name, got ${quote(name)}`);
  if (name === "__metadata__") {
    throw new RangeError('encodeSafetensors: expected a tensor name, got "__metadata__", which the format reserves');
  }
  if (isLoneSurrogate(name)) {
    throw new RangeError(`encodeSafetensors: expected a name of well-formed Unicode, got ${quote(name)}`);
  }
}

function checkEntry(name: string, entry: SafetensorsEntry): void {
  if (typeof entry !== "object" || entry === null) {
    throw new TypeError(
      `encodeSafetensors: expected tensor ${quote(name)} to be an entry { dtype, shape, data }, got ${quote(entry)}`,
    );
  }
  const { dtype, shape, data } = entry;
  if (!isSafetensorsDType(dtype)) {
    throw new RangeError(
      `encodeSafetensors: expected tensor ${quote(name)} to have a dtype of ${safetensorsDTypes.join(", ")}, ` +
        `got ${quote(dtype)}`,
    );
  }
  if (!isShape(shape)) {
    throw new RangeError(
      `encodeSafetensors: expected tensor ${quote(name)} to have a shape of non-negative integers, got ${quote(shape)}`,
    );
  }
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(
      `encodeSafetensors: expected tensor ${quote(name)} to have its data as a Uint8Array, got ${typeof data}`,
    );
  }
  const expected = entryByteLength(dtype, shape);
  if (expected !== data.length) {
    throw new RangeError(
      `encodeSafetensors: expected tensor ${quote(name)} (${dtype}, shape [${shape.join(", ")}]) to have ` +
        `${typeof expected === "number" ? `${expected} bytes, got ${data.length}` : `whole bytes, got ${expected}`}`,
    );
  }
}

function metadataPair([key, value]: [string, unknown]): string {
  if (typeof value !== "string") {
    throw new TypeError(
      `encodeSafetensors: expected metadata ${quote(key)} to be a string, got ${quote(value)}: write it as JSON text`,
    );
  }
  if (isLoneSurrogate(key) || isLoneSurrogate(value)) {
    throw new RangeError(
      `encodeSafetensors: expected metadata ${quote(key)} to be well-formed Unicode, got ${quote(value)}`,
    );
  }
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

function isLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** Order by code point, which is the order of UTF-8 bytes; `<` on strings orders by UTF-16 unit, another order. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    // Where two units differ, a unit of a surrogate pair belongs above every other unit.
    return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
