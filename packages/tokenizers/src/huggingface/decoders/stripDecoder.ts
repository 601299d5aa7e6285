/**
 * Removes a character from the beginning and from the end of every token, up to a number of times.
 */

import type { Decoder } from "./decoder.ts";

/** The decoder of type `Strip`. */
export function stripDecoder(content: string, start: number, stop: number): Decoder {
  return {
    decode: (tokens) =>
      tokens.map((token) => {
        let from = 0;
        for (let i = 0; i < start && token.startsWith(content, from); i++) from += content.length;
        let to = token.length;
        for (let i = 0; i < stop && to > from && token.endsWith(content, to); i++) to -= content.length;
        return token.slice(from, to);
      }),
  };
}
