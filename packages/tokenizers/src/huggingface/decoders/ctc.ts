/**
 * Decoding of connectionist temporal classification, as speech models do: repeated tokens count once, and padding is nothing.
 *
 * @see A. Graves et al., "Connectionist Temporal Classification" (2006)
 */

import type { Decoder } from "./decoder.ts";
import { cleanedUp } from "./wordPieceDecoder.ts";

/** The decoder of type `CTC`. */
export function ctc(padToken: string, wordDelimiter: string, cleansUp: boolean): Decoder {
  return {
    decode: (tokens) =>
      tokens
        .filter((token, i) => i === 0 || token !== tokens[i - 1])
        .map((token) => {
          const text = token.replaceAll(padToken, "");
          return cleansUp ? cleanedUp(text).replaceAll(wordDelimiter, " ") : text;
        })
        .filter((text) => text !== ""),
  };
}
