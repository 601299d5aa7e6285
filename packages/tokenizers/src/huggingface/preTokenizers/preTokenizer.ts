/**
 * The pre-tokenizers of a `tokenizer.json`: how a text is cut into the pieces that the model sees one at a time.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { readFinder } from "../finder.ts";
import { MAX_DEPTH } from "../normalizers/normalizer.ts";
import { ByteLevel } from "./byteLevel.ts";
import { SPLIT_BEHAVIORS } from "./cut.ts";
import { Metaspace } from "./metaspace.ts";
import { Split } from "./split.ts";

/** Cuts text into pieces. */
export interface PreTokenizer {
  /** The pieces of a text that is not empty, in order; some may be empty. */
  split(text: AlignedText): readonly AlignedText[];
}

/** Several pre-tokenizers, each of which cuts the pieces of the one before. */
export class PreTokenizerSequence implements PreTokenizer {
  readonly preTokenizers: readonly PreTokenizer[];

  constructor(preTokenizers: readonly PreTokenizer[]) {
    this.preTokenizers = preTokenizers;
  }

  split(text: AlignedText): readonly AlignedText[] {
    let pieces: readonly AlignedText[] = [text];
    for (const preTokenizer of this.preTokenizers) {
      const next: AlignedText[] = [];
      for (const piece of pieces) {
        if (piece.text === "") continue;
        for (const part of preTokenizer.split(piece)) next.push(part);
      }
      pieces = next;
    }
    return pieces;
  }
}

/** Reads a pre-tokenizer. */
export function readPreTokenizer(fields: Fields, depth = 0): PreTokenizer {
  const type = fields.string("type");
  switch (type) {
    case "Sequence":
      if (depth === MAX_DEPTH) throw fields.error("type", `nested at most ${MAX_DEPTH} deep`);
      return new PreTokenizerSequence(fields.objects("pretokenizers").map((one) => readPreTokenizer(one, depth + 1)));
    case "ByteLevel":
      return new ByteLevel(fields.boolean("add_prefix_space"), fields.boolean("use_regex", true));
    case "Split":
      return new Split(
        readFinder(fields, "pattern"),
        fields.oneOf("behavior", SPLIT_BEHAVIORS),
        fields.boolean("invert"),
      );
    case "Metaspace":
      return Metaspace.read(fields);
    default:
      throw fields.error("type", "the type of a pre-tokenizer");
  }
}
