/**
 * Strict UTF-8 to text for files that users name: what is not text is refused with the place where it stops being text,
 * instead of being filled with U+FFFD and trained on.
 */

import { isUtf8 } from "node:buffer";

/**
 * Decodes UTF-8, without its byte order mark.
 *
 * @param bytes - a whole file
 * @returns the text
 * @throws RangeError whose message is only what was found ("a zero byte at offset 3, …"), for the caller to complete
 */
export function decodeText(bytes: Uint8Array): string {
  return decodeAt(bytes, 0);
}

/**
 * Decodes UTF-8 that comes in parts, as {@link decodeText} does: the parts given, joined, are its text.
 *
 * @param parts - such as the chunks of a stream
 * @throws RangeError as {@link decodeText}; the error of `parts`
 */
export async function* decodeTextParts(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  /** Bytes before `rest`. */
  let offset = 0;
  /** The beginning of what the next part goes on with: of the text, or of a character. */
  let rest: Uint8Array = new Uint8Array();
  const decode = (bytes: Uint8Array, end: number): string => {
    rest = bytes.slice(end);
    const whole = bytes.subarray(0, end);
    const text = decodeAt(whole, offset);
    offset += end;
    return text;
  };
  for await (const part of parts) {
    const bytes = rest.length === 0 ? part : joined(rest, part);
    // The byte order mark, which is no part of the text, is known by its three bytes.
    const end = offset === 0 && bytes.length < 3 ? 0 : lastCharacterEnd(bytes);
    const text = decode(bytes, end);
    if (text !== "") yield text;
  }
  const text = decode(rest, rest.length);
  if (text !== "") yield text;
}

/** Decodes bytes that begin at an offset of a file. */
function decodeAt(bytes: Uint8Array, offset: number): string {
  const isBegin = offset === 0;
  if (isBegin && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    throw new RangeError("UTF-16 (its byte order mark at offset 0): save it as UTF-8");
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new RangeError(`a zero byte at offset ${offset + zero}: is it a binary file?`);
  if (!isUtf8(bytes)) {
    const invalid = invalidUtf8Offset(bytes);
    const byte = bytes[invalid]!.toString(16).padStart(2, "0");
    throw new RangeError(`byte 0x${byte} at offset ${offset + invalid}, which is not UTF-8: save it as UTF-8`);
  }
  return new TextDecoder("utf-8", { ignoreBOM: !isBegin }).decode(bytes);
}

/** Where the last character ends that need not go on in the next part. */
function lastCharacterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Where the first ill-formed sequence begins (Unicode 16, table 3-7); `bytes.length` where there is none. */
export function invalidUtf8Offset(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes[i]!;
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || i + length > bytes.length) return i;
    for (let k = 1; k < length; k++) {
      const byte = bytes[i + k]!;
      // The second byte rules out overlong forms, surrogates and code points above U+10FFFF.
      const low = k > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
      const high = k > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
      if (byte < low || byte > high) return i;
    }
    i += length;
  }
  return i;
}
