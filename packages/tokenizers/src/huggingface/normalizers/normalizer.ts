/**
 * The normalizers of a `tokenizer.json`: what happens to a text before it is cut.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { BertNormalizer } from "./bertNormalizer.ts";
import { ByteLevelNormalizer } from "./byteLevelNormalizer.ts";
import { Lowercase } from "./lowercase.ts";
import { Nmt } from "./nmt.ts";
import { Precompiled } from "./precompiled.ts";
import { Prepend } from "./prepend.ts";
import { readReplace } from "./replace.ts";
import { Strip } from "./strip.ts";
import { StripAccents } from "./stripAccents.ts";
import { UnicodeForm } from "./unicodeForm.ts";

/** Turns text into other text. */
export interface Normalizer {
  normalize(text: AlignedText): AlignedText;
}

/** Components within components go no deeper than this. */
export const MAX_DEPTH = 32;

/** Several normalizers, one after another. */
class NormalizerSequence implements Normalizer {
  readonly normalizers: readonly Normalizer[];

  constructor(normalizers: readonly Normalizer[]) {
    this.normalizers = normalizers;
  }

  normalize(text: AlignedText): AlignedText {
    return this.normalizers.reduce((normalized, one) => one.normalize(normalized), text);
  }
}

/** Reads a normalizer. */
export function readNormalizer(fields: Fields, depth = 0): Normalizer {
  const type = fields.string("type");
  switch (type) {
    case "Sequence":
      if (depth === MAX_DEPTH) throw fields.error("type", `nested at most ${MAX_DEPTH} deep`);
      return new NormalizerSequence(fields.objects("normalizers").map((one) => readNormalizer(one, depth + 1)));
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return new UnicodeForm(type);
    case "Lowercase":
      return new Lowercase();
    case "Strip":
      return new Strip(fields.boolean("strip_left"), fields.boolean("strip_right"));
    case "Precompiled":
      return Precompiled.read(fields);
    case "Prepend":
      return new Prepend(fields.string("prepend"));
    case "Replace":
      return readReplace(fields);
    case "StripAccents":
      return new StripAccents();
    case "BertNormalizer":
      return BertNormalizer.read(fields);
    case "Nmt":
      return new Nmt();
    case "ByteLevel":
      return new ByteLevelNormalizer();
    default:
      throw fields.error("type", "the type of a normalizer");
  }
}
