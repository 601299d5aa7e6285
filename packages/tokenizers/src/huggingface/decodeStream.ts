/**
 * Decoding as ids come, whatever the decoder: the way of Hugging Face's `DecodeStream`, which decodes again what stands before the new ids
 * for as long as that may change them, and gives what has been added; text that ends in U+FFFD may be half a character and is held back.
 * What has been given stays, even where a later token makes another text of it, as a broken run of byte tokens does.
 */

import { utf8Decoder } from "../utf8.ts";
import type { DecodeStream } from "../tokenizer.ts";
import { symbolBytes } from "./decoders/byteLevelDecoder.ts";

/** A stream for any decoder. */
export function tokenStream(
  tokenOf: (id: number) => string | undefined,
  decode: (tokens: readonly string[]) => string,
): DecodeStream {
  /** Tokens whose text, `prefix`, has been given, and after `settled` those whose text has not. */
  let tokens: string[] = [];
  let prefix = "";
  let settled = 0;
  return {
    push: (id) => {
      const token = tokenOf(id);
      if (token === undefined) return "";
      if (prefix === "" && tokens.length > 0) {
        const text = decode(tokens);
        if (!text.endsWith("\ufffd")) {
          prefix = text;
          settled = tokens.length;
        }
      }
      tokens.push(token);
      const text = decode(tokens);
      if (text.length <= prefix.length || text.endsWith("\ufffd")) return "";
      const added = text.slice(prefix.length);
      const unsettled = tokens.length - settled;
      tokens = tokens.slice(settled);
      prefix = decode(tokens);
      settled = unsettled;
      return added;
    },
    end: () => {
      const held = tokens.length === 0 ? "" : decode(tokens).slice(prefix.length);
      tokens = [];
      prefix = "";
      settled = 0;
      return held;
    },
  };
}

/** A stream for tokens of bytes, which no others change. */
export function byteStream(tokenOf: (id: number) => string | undefined): DecodeStream {
  const decoder = utf8Decoder();
  return {
    push: (id) => {
      const token = tokenOf(id);
      return token === undefined ? "" : decoder.decode(symbolBytes([token]), { stream: true });
    },
    end: () => decoder.decode(),
  };
}
