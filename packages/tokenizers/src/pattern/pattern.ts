/**
 * A regular expression for tokenizers: the same matches on every JavaScript engine, in time that follows the length of the text.
 *
 * JavaScript's own expressions differ in what white space, letters of new Unicode versions and case mean, lack atomic groups and possessive
 * quantifiers, run out of stack on a million letters, and take exponential time on some patterns. This engine has the syntax and the meaning of the
 * two engines that tokenizers are written for, except back references, calls of groups, conditions, `\K`, `\G` and `\X`, which it refuses.
 */

import { describe } from "../describe.ts";
import { compile } from "./compiler.ts";
import { Matcher } from "./matcher.ts";
import { parsePattern } from "./parser.ts";
import type { PatternDialect } from "./patternSource.ts";
import { REST_SYMBOL, type SymbolTable } from "./program.ts";
import type { Symbols } from "./symbolText.ts";

/** How a pattern is read. */
export interface PatternOptions {
  /**
   * Whose syntax and meaning: `"rust"` as tiktoken's, `"oniguruma"` as Hugging Face's tokenizers.
   *
   * @defaultValue "rust"
   */
  readonly dialect?: PatternDialect;
}

export class Pattern {
  readonly source: string;
  readonly #matcher: Matcher;
  readonly #table: SymbolTable;
  #text: string | undefined;
  /** Where the last match begins, in UTF-16 units. */
  start = 0;
  /** Where the last match ends, in UTF-16 units; equal to `start` if it is empty. */
  end = 0;

  /** @throws RangeError that says what is wrong with the source, what this engine lacks, or what is too large. */
  constructor(source: string, { dialect = "rust" }: PatternOptions = {}) {
    if (typeof source !== "string") throw new TypeError(`Pattern: expected a string, got ${describe(source)}`);
    const program = compile(parsePattern(source, dialect), dialect);
    this.source = source;
    this.#matcher = new Matcher(program);
    this.#table = program.symbols;
  }

  /**
   * Looks for the first match that begins at `from` or after it, and puts its place into `start` and `end`.
   *
   * @param text - A text; lone surrogates count as U+FFFD. Calls in a row with the same text share its preparation.
   * @param from - A place between two characters, 0 to `text.length`; look-behinds see what is before it.
   * @returns whether there is one.
   */
  exec(text: string, from: number): boolean {
    if (this.#text !== text) {
      this.#matcher.begin(symbolsOf(text, this.#table), text.length + 1);
    }
    // Also where it is another string with the same content: strings are compared at once only if they are one.
    this.#text = text;
    if (!this.#matcher.find(from + 1)) return false;
    this.start = this.#matcher.start - 1;
    this.end = this.#matcher.stop - 1;
    return true;
  }
}

function symbolsOf(text: string, { pages, symbols, count }: SymbolTable): Symbols {
  const found = count > 256 ? new Uint16Array(text.length + 2) : new Uint8Array(text.length + 2);
  // The first page is that of ASCII.
  const ascii = symbols.slice(pages[0], (pages[0] as number) + 128);
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      found[i + 1] = ascii[point] as number;
      continue;
    }
    if ((point & 0xf800) === 0xd800) {
      point = text.codePointAt(i) as number;
      if (point > 0xffff) found[i + 2] = REST_SYMBOL;
      else point = 0xfffd;
    }
    found[i + 1] = symbols[(pages[point >> 8] as number) + (point & 255)] as number;
    if (point > 0xffff) i++;
  }
  return found;
}
