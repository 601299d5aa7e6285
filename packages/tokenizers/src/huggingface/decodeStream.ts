/**
 * Decoding as ids come, whatever the decoder: the way of Hugging Face's `DecodeStream`, which decodes again what stands before the new ids
 * for as long as that may change them, and gives what has been added; text that ends in U+FFFD may be half a character and is held back.
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
      const added = afterPrefix(text, prefix);
      const unsettled = tokens.length - settled;
      tokens = tokens.slice(settled);
      prefix = decode(tokens);
      settled = unsettled;
      return added;
    },
    end: () => {
      const held = tokens.length === 0 ? "" : afterPrefix(decode(tokens), prefix);
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

function afterPrefix(text: string, prefix: string): string {
  if (text.startsWith(prefix)) return text.slice(prefix.length);
  throw new Error(
    "Tokenizer.decodeStream: expected a decoder under which text only grows, got one that changed what was given; decode all ids at once",
  );
}
