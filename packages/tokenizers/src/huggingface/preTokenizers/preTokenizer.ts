/**
 * The pre-tokenizers of a `tokenizer.json`: how a text is cut into the pieces that the model sees one at a time.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { literalFinder, readFinder } from "../finder.ts";
import { MAX_DEPTH } from "../normalizers/normalizer.ts";
import { ByteLevel } from "./byteLevel.ts";
import { classSplit, digit, punctuation, whiteSpace, wordsAndOthers } from "./classSplit.ts";
import { SPLIT_BEHAVIORS } from "./cut.ts";
import { FixedLength } from "./fixedLength.ts";
import { Metaspace } from "./metaspace.ts";
import { PreTokenizerSequence } from "./preTokenizerSequence.ts";
import { Split } from "./split.ts";

/** Cuts text into pieces. */
export interface PreTokenizer {
  /** The pieces of texts that are not empty, in order; some may be empty. */
  split(texts: readonly AlignedText[]): readonly AlignedText[];
}

/** Lengths in a file. */
const MAX_LENGTH = 0x7fffffff;

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
        fields.boolean("invert", false),
      );
    case "Metaspace":
      return Metaspace.read(fields);
    case "Whitespace":
      return { split: (texts) => texts.flatMap(wordsAndOthers) };
    case "WhitespaceSplit":
      return classSplit(whiteSpace, "Removed");
    case "BertPreTokenizer":
      return new PreTokenizerSequence([classSplit(whiteSpace, "Removed"), classSplit(punctuation, "Isolated")]);
    case "Punctuation":
      return classSplit(punctuation, fields.oneOf("behavior", SPLIT_BEHAVIORS, "Isolated"));
    case "Digits":
      return classSplit(digit, fields.boolean("individual_digits", false) ? "Isolated" : "Contiguous");
    case "CharDelimiterSplit":
      return new Split(literalFinder(fields.character("delimiter")), "Removed", false);
    case "FixedLength":
      if (fields.value("length") === 0) throw fields.error("length", "at least 1");
      return new FixedLength(fields.count("length", MAX_LENGTH, 5));
    default:
      throw fields.error("type", "the type of a pre-tokenizer");
  }
}
