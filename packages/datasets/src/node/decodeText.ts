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
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new RangeError("UTF-16 (its byte order mark at offset 0): save it as UTF-8");
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw new RangeError(`a zero byte at offset ${zero}: is it a binary file?`);
  if (!isUtf8(bytes)) {
    const offset = invalidUtf8Offset(bytes);
    const byte = bytes[offset]!.toString(16).padStart(2, "0");
    throw new RangeError(`byte 0x${byte} at offset ${offset}, which is not UTF-8: save it as UTF-8`);
  }
  return new TextDecoder("utf-8").decode(bytes);
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
