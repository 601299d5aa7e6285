/**
 * The decoders of a `tokenizer.json`: how tokens become text again.
 */

import type { Fields } from "../fields.ts";
import { MAX_DEPTH } from "../normalizers/normalizer.ts";
import { ByteLevelDecoder } from "./byteLevelDecoder.ts";

/** Turns tokens into strings which, joined, are the text. */
export interface Decoder {
  decode(tokens: readonly string[]): readonly string[];
}

/** Several decoders, one after another. */
class DecoderSequence implements Decoder {
  readonly #decoders: readonly Decoder[];

  constructor(decoders: readonly Decoder[]) {
    this.#decoders = decoders;
  }

  decode(tokens: readonly string[]): readonly string[] {
    return this.#decoders.reduce((decoded, one) => one.decode(decoded), tokens);
  }
}

/** Reads a decoder. */
export function readDecoder(fields: Fields, depth = 0): Decoder {
  const type = fields.string("type");
  switch (type) {
    case "Sequence":
      if (depth === MAX_DEPTH) throw fields.error("type", `nested at most ${MAX_DEPTH} deep`);
      return new DecoderSequence(fields.objects("decoders").map((one) => readDecoder(one, depth + 1)));
    case "ByteLevel":
      return new ByteLevelDecoder();
    default:
      throw fields.error("type", "the type of a decoder");
  }
}
