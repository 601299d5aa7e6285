/**
 * Bytes for their symbols; a token with anything else in it stands for its own text.
 */

import { encodeUtf8, utf8Decoder } from "../../utf8.ts";
import { bytesOfSymbolPoints } from "../byteSymbolPoints.ts";
import { utf8Length } from "../utf8Length.ts";
import type { Decoder } from "./decoder.ts";

export class ByteLevelDecoder implements Decoder {
  decode(tokens: readonly string[]): readonly string[] {
    return [utf8Decoder().decode(symbolBytes(tokens))];
  }
}

/** The bytes of tokens, joined. */
export function symbolBytes(tokens: readonly string[]): Uint8Array {
  let length = 0;
  for (const token of tokens) length += utf8Length(token);
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const token of tokens) {
    const start = end;
    for (let at = 0; at < token.length; at++) {
      const unit = token.charCodeAt(at);
      const byte = unit < 512 ? bytesOfSymbolPoints[unit] : -1;
      if (byte < 0) {
        const own = encodeUtf8(token);
        bytes.set(own, start);
        end = start + own.length;
        break;
      }
      bytes[end++] = byte;
    }
  }
  return bytes.subarray(0, end);
}
