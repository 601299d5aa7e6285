/**
 * SentencePiece's view of white space: a mark for every blank, one in front of the text, and words that begin with it.
 */

import type { AlignedText } from "../alignedText.ts";
import type { Fields } from "../fields.ts";
import { type Finder, literalFinder } from "../finder.ts";
import { Replace } from "../normalizers/replace.ts";
import { cut } from "./cut.ts";
import type { PreTokenizer } from "./preTokenizer.ts";

/** Where a mark is put in front: of every text, of the one at the beginning, of none. */
export type PrependScheme = "always" | "first" | "never";

export class Metaspace implements PreTokenizer {
  readonly replacement: string;
  readonly prependScheme: PrependScheme;
  readonly #cuts: boolean;
  readonly #replaceBlanks: Replace;
  readonly #marks: Finder;

  constructor(replacement: string, prependScheme: PrependScheme, cuts: boolean) {
    this.replacement = replacement;
    this.prependScheme = prependScheme;
    this.#cuts = cuts;
    this.#replaceBlanks = new Replace(literalFinder(" "), replacement);
    this.#marks = literalFinder(replacement);
  }

  static read(fields: Fields): Metaspace {
    const scheme = fields.oneOf<PrependScheme>("prepend_scheme", ["always", "first", "never"], "always");
    const isPrefixed = fields.boolean("add_prefix_space", true);
    if (!isPrefixed && fields.value("prepend_scheme") !== undefined && scheme !== "never") {
      throw fields.error("add_prefix_space", 'true, as prepend_scheme is not "never"');
    }
    return new Metaspace(fields.character("replacement"), isPrefixed ? scheme : "never", fields.boolean("split", true));
  }

  split(texts: readonly AlignedText[]): AlignedText[] {
    return texts.flatMap((text) => this.#splitOne(text));
  }

  #splitOne(text: AlignedText): AlignedText[] {
    const { prependScheme, replacement } = this;
    let marked = this.#replaceBlanks.normalize(text);
    const isDue = prependScheme === "always" || (prependScheme === "first" && text.originStart === 0);
    if (isDue && !marked.text.startsWith(replacement)) marked = marked.prepend(replacement);
    return this.#cuts ? cut(marked, this.#marks.find(marked.text), "MergedWithNext", false) : [marked];
  }
}
