/**
 * BERT's clean-up: no control characters, blanks around Chinese characters, no accents, small letters.
 *
 * @see https://github.com/google-research/bert/blob/master/tokenization.py
 */

import { characterClasses, SPACE } from "../../unicode/characterClasses.ts";
import { CONTROL, libraryClasses, NONSPACING_MARK } from "../../unicode/libraryClasses.ts";
import type { AlignedText } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { Rewriter } from "../rewriter.ts";
import { filter } from "./filter.ts";
import { Lowercase } from "./lowercase.ts";
import type { Normalizer } from "./normalizer.ts";
import { UnicodeForm } from "./unicodeForm.ts";

const BLANK = 0x20;

export class BertNormalizer implements Normalizer {
  readonly #steps: readonly Normalizer[];

  constructor(steps: readonly Normalizer[]) {
    this.#steps = steps;
  }

  static read(fields: Fields): BertNormalizer {
    const steps: Normalizer[] = [];
    const isLower = fields.boolean("lowercase", true);
    if (fields.boolean("clean_text", true)) steps.push({ normalize: cleaned });
    if (fields.boolean("handle_chinese_chars", true)) steps.push({ normalize: withSpacedChinese });
    if (fields.boolean("strip_accents", isLower)) steps.push(new UnicodeForm("NFD"), { normalize: withoutAccents });
    if (isLower) steps.push(new Lowercase());
    return new BertNormalizer(steps);
  }

  normalize(source: AlignedText): AlignedText {
    return this.#steps.reduce((text, step) => step.normalize(text), source);
  }
}

function cleaned(source: AlignedText): AlignedText {
  const classes = libraryClasses();
  const spaces = characterClasses();
  return filter(source, (point) => {
    if ((classes[point] & CONTROL) !== 0) return -1;
    return (spaces[point] & SPACE) === 0 ? point : BLANK;
  });
}

function withoutAccents(source: AlignedText): AlignedText {
  const classes = libraryClasses();
  return filter(source, (point) => ((classes[point] & NONSPACING_MARK) === 0 ? point : -1));
}

function withSpacedChinese(source: AlignedText): AlignedText {
  const { text } = source;
  const rewriter = new Rewriter(source);
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at++;
    if (!isChinese(point)) {
      rewriter.push(point, 0);
      continue;
    }
    rewriter.push(BLANK, 0);
    rewriter.push(point, 1);
    rewriter.push(BLANK, 1);
  }
  return rewriter.finish();
}

/** The blocks of ideographs that BERT knows. */
function isChinese(point: number): boolean {
  if (point < 0x3400) return false;
  return (
    (point >= 0x4e00 && point <= 0x9fff) ||
    (point >= 0x3400 && point <= 0x4dbf) ||
    (point >= 0x20000 && point <= 0x2a6df) ||
    (point >= 0x2a700 && point <= 0x2b81f) ||
    (point >= 0x2b920 && point <= 0x2ceaf) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0x2f800 && point <= 0x2fa1f)
  );
}
