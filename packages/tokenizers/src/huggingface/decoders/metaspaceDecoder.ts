/**
 * Blanks for SentencePiece's marks; the first token's stand for nothing if one is put in front of texts.
 */

import type { Metaspace } from "../preTokenizers/metaspace.ts";
import type { Decoder } from "./decoder.ts";

/** The decoder of type `Metaspace`. */
export function metaspaceDecoder({ replacement, prependScheme }: Metaspace): Decoder {
  return {
    decode: (tokens) =>
      tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prependScheme !== "never" ? "" : " ")),
  };
}
