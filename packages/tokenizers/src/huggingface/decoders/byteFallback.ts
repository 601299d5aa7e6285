/**
 * Byte tokens such as `<0xE2>` become the text that their bytes spell; a run of them that is no UTF-8 becomes one U+FFFD for each byte.
 */

import { encodeUtf8, utf8Decoder } from "../../utf8.ts";
import type { Decoder } from "./decoder.ts";

/** The digits may begin with a plus sign, as Rust's numbers may. */
const BYTE = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/;

export const byteFallback: Decoder = {
  decode: (tokens) => {
    const decoded: string[] = [];
    let bytes: number[] = [];
    const flush = (): void => {
      if (bytes.length > 0) addText(bytes, decoded);
      bytes = [];
    };
    for (const token of tokens) {
      const digits = token.length === 6 ? BYTE.exec(token)?.[1] : undefined;
      if (digits !== undefined) {
        bytes.push(Number.parseInt(digits, 16));
        continue;
      }
      flush();
      decoded.push(token);
    }
    flush();
    return decoded;
  },
};

function addText(bytes: readonly number[], decoded: string[]): void {
  const text = utf8Decoder().decode(Uint8Array.from(bytes));
  // U+FFFD itself is valid, and is three bytes.
  const isValid = !text.includes("\ufffd") || isUtf8(bytes, text);
  if (isValid) decoded.push(text);
  else for (let i = 0; i < bytes.length; i++) decoded.push("\ufffd");
}

function isUtf8(bytes: readonly number[], text: string): boolean {
  const again = encodeUtf8(text);
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]);
}
