/**
 * What a single token adds to a text that has begun, in bytes. Decoders work on lists of tokens and give text, where half a character is
 * lost: so byte symbols and byte tokens are read here, and all others are decoded between two tokens that are known.
 */

import { quote } from "../describe.ts";
import { encodeUtf8 } from "../utf8.ts";
import { ByteLevelDecoder, symbolBytes } from "./decoders/byteLevelDecoder.ts";
import type { Decoder } from "./decoders/decoder.ts";

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

/**
 * The bytes of a token.
 *
 * @throws RangeError where the texts of tokens do not simply follow each other.
 */
export function tokenBytes(token: string, decoder: Decoder | undefined): Uint8Array {
  if (decoder instanceof ByteLevelDecoder) return symbolBytes([token]).slice();
  const textOf = (tokens: readonly string[]): string =>
    decoder === undefined ? tokens.join(" ") : decoder.decode(tokens).join("");
  // Two tokens that are alike and not next to a mark: other decoders put a blank between them, or take them for one.
  if (textOf(["a", "a"]) !== "aa") {
    throw new RangeError(
      "Tokenizer.tokenBytes: expected a decoder that joins the texts of tokens, got one whose text of a token depends on others",
    );
  }
  const byte = BYTE.exec(token)?.[1];
  if (byte !== undefined && textOf(["a", "<0x41>", "a"]) === "aAa") return Uint8Array.of(Number.parseInt(byte, 16));
  const text = textOf(["a", token, "a"]);
  const isLossy = text.includes("\ufffd") && !token.includes("\ufffd");
  if (isLossy || text.length < 2 || !text.startsWith("a") || !text.endsWith("a")) {
    throw new RangeError(`Tokenizer.tokenBytes: expected a token with a text of its own, got ${quote(token)}`);
  }
  return encodeUtf8(text.slice(1, -1));
}
