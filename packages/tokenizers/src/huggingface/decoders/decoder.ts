/**
 * The decoders of a `tokenizer.json`: how tokens become text again.
 */

import type { Fields } from "../fields.ts";
import { MAX_DEPTH } from "../normalizers/normalizer.ts";
import { readReplace } from "../normalizers/replace.ts";
import { Metaspace } from "../preTokenizers/metaspace.ts";
import { byteFallback } from "./byteFallback.ts";
import { ByteLevelDecoder } from "./byteLevelDecoder.ts";
import { ctc } from "./ctc.ts";
import { metaspaceDecoder } from "./metaspaceDecoder.ts";
import { stripDecoder } from "./stripDecoder.ts";
import { wordPieceDecoder } from "./wordPieceDecoder.ts";

/** Turns tokens into strings which, joined, are the text. */
export interface Decoder {
  decode(tokens: readonly string[]): readonly string[];
}

/** Numbers of characters in a file; larger ones have no use. */
const MAX_COUNT = 0x7fffffff;

/** Reads a decoder. */
export function readDecoder(fields: Fields, depth = 0): Decoder {
  const type = fields.string("type");
  switch (type) {
    case "Sequence": {
      if (depth === MAX_DEPTH) throw fields.error("type", `nested at most ${MAX_DEPTH} deep`);
      const decoders = fields.objects("decoders").map((one) => readDecoder(one, depth + 1));
      return { decode: (tokens) => decoders.reduce((decoded, one) => one.decode(decoded), tokens) };
    }
    case "ByteLevel":
      return new ByteLevelDecoder();
    case "ByteFallback":
      return byteFallback;
    case "Fuse":
      return { decode: (tokens) => [tokens.join("")] };
    case "Replace": {
      const replace = readReplace(fields);
      return { decode: (tokens) => tokens.map((token) => replace.apply(token)) };
    }
    case "Strip":
      return stripDecoder(
        fields.character("content"),
        fields.count("start", MAX_COUNT, 0),
        fields.count("stop", MAX_COUNT, 0),
      );
    case "Metaspace":
      return metaspaceDecoder(Metaspace.read(fields));
    case "WordPiece":
      return wordPieceDecoder(fields.string("prefix", "##"), fields.boolean("cleanup", true));
    case "BPEDecoder": {
      const suffix = fields.string("suffix", "</w>");
      return {
        decode: (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " ")),
      };
    }
    case "CTC":
      return ctc(
        fields.string("pad_token", "<pad>"),
        fields.string("word_delimiter_token", "|"),
        fields.boolean("cleanup", true),
      );
    default:
      throw fields.error("type", "the type of a decoder");
  }
}
