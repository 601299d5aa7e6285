/**
 * A pattern's source as its parsers read it: code point by code point, with the options in force, and errors that say where.
 */

import { quote } from "../describe.ts";
import type { CodePointSet } from "../unicode/codePointSet.ts";

/** Whose regular expressions: `rust` those of tiktoken (the crate fancy-regex), `oniguruma` those of Hugging Face's tokenizers. */
export type PatternDialect = "rust" | "oniguruma";

/** What `(?imsx)` turns on and off. */
export interface PatternFlags {
  /** Letters match without regard to case. */
  readonly ignoreCase: boolean;
  /** `.` matches a newline too: `s` in Rust, `m` in Oniguruma. */
  readonly dotAll: boolean;
  /** `^` and `$` match at every line: `m` in Rust, always in Oniguruma. */
  readonly multiLine: boolean;
  /** White space and comments are left out: `x`. */
  readonly extended: boolean;
  /** `*` is lazy and `*?` greedy: `U` in Rust. */
  readonly swapGreed: boolean;
}

/** Groups and classes within each other: far more than patterns have, far less than the stack bears. */
const MAX_DEPTH = 100;
const MAX_LENGTH = 1 << 16;
/** Ends of ranges in all sets of a pattern together. */
const MAX_RANGES = 1 << 21;

export class PatternSource {
  readonly dialect: PatternDialect;
  readonly #text: string;
  at = 0;
  flags: PatternFlags;
  #depth = 0;
  #ranges = 0;

  constructor(text: string, dialect: PatternDialect) {
    this.#text = text;
    this.dialect = dialect;
    const multiLine = dialect === "oniguruma";
    this.flags = { ignoreCase: false, dotAll: false, multiLine, extended: false, swapGreed: false };
    if (text.length > MAX_LENGTH) this.fail(`at most ${MAX_LENGTH} UTF-16 units`, `${text.length}`);
  }

  get isRust(): boolean {
    return this.dialect === "rust";
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length;
  }

  /** Whether the source goes on with `text`. */
  sees(text: string): boolean {
    return this.#text.startsWith(text, this.at);
  }

  /** Goes past `text`, if it comes next. */
  eat(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** The next UTF-16 unit as a string, empty at the end. */
  peek(ahead = 0): string {
    return this.#text.charAt(this.at + ahead);
  }

  /** The next few UTF-16 units. */
  ahead(count: number): string {
    return this.#text.slice(this.at, this.at + count);
  }

  /** Takes the next code point. */
  next(what: string): string {
    const point = this.#text.codePointAt(this.at);
    if (point === undefined) this.fail(what);
    const character = String.fromCodePoint(point);
    this.at += character.length;
    return character;
  }

  /** Takes what a sticky expression, meant for short stretches only, matches here. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at;
    const found = expression.exec(this.#text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  /** Takes everything up to and with `end`. */
  until(end: string): string {
    const place = this.#text.indexOf(end, this.at);
    if (place < 0) this.fail(quote(end));
    const taken = this.#text.slice(this.at, place);
    this.at = place + end.length;
    return taken;
  }

  /** Goes past white space and comments, where the options say that they are none of the pattern. */
  skipExtended(): void {
    if (!this.flags.extended) return;
    while (!this.isAtEnd) {
      if (this.peek() === "#") {
        const line = this.#text.indexOf("\n", this.at);
        this.at = line < 0 ? this.#text.length : line + 1;
      } else if (this.match(/[\t-\r \u0085\u200e\u200f\u2028\u2029]/y) === null) return;
    }
  }

  /** Reads one level deeper; refuses depths that only an attack has. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail(`groups and classes at most ${MAX_DEPTH} deep`);
    const result = read();
    this.#depth--;
    return result;
  }

  /** Passes on a set, unless the pattern's sets have become too large together. */
  counted(set: CodePointSet): CodePointSet {
    this.#ranges += set.length;
    if (this.#ranges > MAX_RANGES) this.fail("a smaller pattern", "too many large character classes");
    return set;
  }

  /** @throws RangeError that names the place. */
  fail(expected: string, got: string = this.#shown()): never {
    throw new RangeError(`Pattern: expected ${expected}, got ${got}, at index ${this.at} of ${quote(this.#text)}`);
  }

  /** Refuses a construct that regular expressions may have but this engine has not. */
  refuse(construct: string): never {
    this.fail("a pattern without " + construct, "one");
  }

  #shown(): string {
    return this.isAtEnd ? "its end" : quote(this.#text.slice(this.at, this.at + 10));
  }
}
