/**
 * Bytes written in base64.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Int8Array(128).fill(-1);
for (let value = 0; value < 64; value++) values[ALPHABET.charCodeAt(value)] = value;

/** The bytes, or undefined where a text is none, or ends in the middle. */
export function base64Bytes(text: string): Uint8Array | undefined {
  const length = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  let end = 0;
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    const value = unit < 128 ? values[unit] : -1;
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    if (at % 4 > 0) bytes[end++] = bits >> (6 - 2 * (at % 4));
  }
  return bytes;
}
