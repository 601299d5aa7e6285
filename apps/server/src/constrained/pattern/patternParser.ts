/**
 * Regular expressions of JSON Schema's `pattern`: the regular part of ECMA-262's, by code points as with its `u` flag. Whatever is not
 * regular, or would be by a great machine only (lookaround, back references, word boundaries), is refused by name.
 *
 * @see https://tc39.es/ecma262/#sec-patterns
 */

import { choice, type Regular, repeat, sequence } from "../automata/regular.ts";
import { allCharacters, characterOf, type CodePointRange, normalized, without } from "../automata/characters.ts";

/** Repeats are copies. */
const MOST_REPEATS = 1000;
const MOST_DEPTH = 100;
const SPECIAL = "^$\\.*+?()[]{}|";

const digits: readonly CodePointRange[] = [[0x30, 0x39]];
const words: readonly CodePointRange[] = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]; // prettier-ignore
const lineEnds: readonly CodePointRange[] = [[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]; // prettier-ignore
const spaces: readonly CodePointRange[] = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f],
  [0x3000, 0x3000], [0xfeff, 0xfeff],
]; // prettier-ignore
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, "0": 0 };

/** The texts in which a pattern is found somewhere, as they stand between the quotes of a JSON string. */
export function readPattern(source: string): Regular {
  const anything = repeat(characterOf(allCharacters), 0, Infinity);
  const expression = new PatternParser(source).read();
  const before = isAnchored(expression, "atStart") ? [] : [anything];
  const after = isAnchored(expression, "atEnd") ? [] : [anything];
  return sequence(...before, expression, ...after);
}

/** Whether every text of an expression stands at the beginning or at the end, so that nothing can come before or after it. */
function isAnchored(expression: Regular, anchor: "atStart" | "atEnd"): boolean {
  if (expression.kind === "choice") return expression.parts.every((part) => isAnchored(part, anchor));
  if (expression.kind !== "sequence") return expression.kind === anchor;
  const part = expression.parts.at(anchor === "atStart" ? 0 : -1);
  return part !== undefined && isAnchored(part, anchor);
}

/** Reads one pattern. Errors say what is wrong; whoever catches them knows the place of the pattern. */
class PatternParser {
  readonly #points: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#points = Array.from(source);
  }

  read(): Regular {
    const expression = this.#alternatives();
    if (this.#at < this.#points.length) throw this.#error("no closing bracket without an opening one");
    return expression;
  }

  #alternatives(): Regular {
    if (++this.#depth > MOST_DEPTH) throw this.#error(`groups of at most ${MOST_DEPTH} levels`);
    const parts = [this.#sequence()];
    while (this.#takes("|")) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 ? parts[0] : choice(...parts);
  }

  #sequence(): Regular {
    const parts: Regular[] = [];
    while (this.#at < this.#points.length && this.#peek() !== "|" && this.#peek() !== ")") parts.push(this.#term());
    return sequence(...parts);
  }

  #term(): Regular {
    if (this.#takes("^")) return { kind: "atStart" };
    if (this.#takes("$")) return { kind: "atEnd" };
    const atom = this.#atom();
    const range = this.#quantifier();
    if (range === undefined) return atom;
    // A lazy quantifier finds another match, but in the same texts.
    this.#takes("?");
    if (range.min > MOST_REPEATS || (range.max !== Infinity && range.max > MOST_REPEATS)) {
      throw this.#error(`counts of at most ${MOST_REPEATS}`);
    }
    return repeat(atom, range.min, range.max);
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#takes("*")) return { min: 0, max: Infinity };
    if (this.#takes("+")) return { min: 1, max: Infinity };
    if (this.#takes("?")) return { min: 0, max: 1 };
    if (this.#peek() !== "{") return undefined;
    const [text, low, comma, high] = /^\{(\d{1,9})(,?)(\d{0,9})\}/.exec(this.#rest(24)) ?? [];
    if (text === undefined || (comma === "" && high !== "")) throw this.#error("a count such as {2,5} after {, or \\{");
    this.#at += text.length;
    const min = Number(low);
    const max = comma === "" ? min : high === "" ? Infinity : Number(high);
    if (max < min) throw this.#error(`counts in order, not ${text}`);
    return { min, max };
  }

  #atom(): Regular {
    const point = this.#take();
    if (point === "(") return this.#group();
    if (point === "[") return characterOf(this.#class());
    if (point === ".") return characterOf(without(allCharacters, lineEnds));
    if (point === "\\") return characterOf(this.#escape(false));
    if (SPECIAL.includes(point)) throw this.#error(`something before ${point}`);
    return characterOf([[point.codePointAt(0)!, point.codePointAt(0)!]]);
  }

  #group(): Regular {
    if (this.#takes("?")) {
      if (/^(=|!|<=|<!)/.test(this.#rest(2))) throw this.#error("no lookahead or lookbehind, which is not supported");
      const name = /^(:|<[\p{L}_$][\p{L}\p{N}_$]*>)/u.exec(this.#rest(64))?.[0];
      if (name === undefined) throw this.#error("a group such as (?:...)");
      this.#at += name.length;
    }
    const inner = this.#alternatives();
    if (!this.#takes(")")) throw this.#error("a closing bracket for each opening one");
    return inner;
  }

  #class(): CodePointRange[] {
    const isNegated = this.#takes("^");
    const ranges: CodePointRange[] = [];
    while (!this.#takes("]")) {
      const low = this.#classPart();
      const isRange = this.#peek() === "-" && this.#points[this.#at + 1] !== "]" && this.#at + 1 < this.#points.length;
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      this.#at++;
      const high = this.#classPart();
      if (!isSingle(low) || !isSingle(high)) throw this.#error("characters at both ends of a range, not classes");
      if (high[0][0] < low[0][0]) throw this.#error("a range in order");
      ranges.push([low[0][0], high[0][0]]);
    }
    const set = normalized(ranges);
    return isNegated ? without(allCharacters, set) : set;
  }

  #classPart(): readonly CodePointRange[] {
    if (this.#at >= this.#points.length) throw this.#error("a closing ] for each opening [");
    const point = this.#take();
    if (point === "\\") return this.#escape(true);
    return [[point.codePointAt(0)!, point.codePointAt(0)!]];
  }

  /** What stands after a backslash. */
  #escape(inClass: boolean): readonly CodePointRange[] {
    if (this.#at >= this.#points.length) throw this.#error("a character after \\");
    const point = this.#take();
    const set = ({ d: digits, w: words, s: spaces } as Readonly<Record<string, readonly CodePointRange[]>>)[
      point.toLowerCase()
    ];
    if (set !== undefined) return point === point.toLowerCase() ? set : without(allCharacters, set);
    if (point === "0" && /^\d/.test(this.#rest(1))) throw this.#error("no octal escape");
    if (Object.hasOwn(controls, point)) return single(controls[point]);
    if (point === "b" && inClass) return single(8);
    if (point === "b" || point === "B") throw this.#error(`no word boundary (\\${point}), which is not supported`);
    if (/[1-9k]/.test(point)) throw this.#error(`no back reference (\\${point}), which is not regular`);
    if (point === "p" || point === "P")
      throw this.#error(`no Unicode property (\\${point}), which is not supported; list the ranges`);
    if (point === "c" && /^[A-Za-z]/.test(this.#rest(1))) return single(this.#take().codePointAt(0)! % 32);
    if (point === "x" || point === "u") return single(this.#codePoint(point));
    if (/[A-Za-z]/.test(point)) throw this.#error(`a known escape, not \\${point}`);
    return single(point.codePointAt(0)!);
  }

  #codePoint(kind: "x" | "u"): number {
    const forms = kind === "x" ? /^([0-9A-Fa-f]{2})/ : /^(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]{1,6})\})/;
    const [text, plain, braced] = forms.exec(this.#rest(8)) ?? [];
    if (text === undefined) throw this.#error(`hexadecimal digits after \\${kind}`);
    this.#at += text.length;
    const point = Number.parseInt(plain ?? braced, 16);
    const isHigh = point >= 0xd800 && point < 0xdc00;
    const low = isHigh ? /^\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})/.exec(this.#rest(6))?.[1] : undefined;
    if (low !== undefined) {
      this.#at += 6;
      return 0x10000 + ((point - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      throw this.#error("a character, not a surrogate or more");
    return point;
  }

  #peek(): string | undefined {
    return this.#points[this.#at];
  }

  #take(): string {
    return this.#points[this.#at++];
  }

  #takes(point: string): boolean {
    if (this.#peek() !== point) return false;
    this.#at++;
    return true;
  }

  #rest(count: number): string {
    return this.#points.slice(this.#at, this.#at + count).join("");
  }

  #error(expected: string): RangeError {
    return new RangeError(`expected ${expected}, got a pattern that goes wrong at character ${this.#at}`);
  }
}

function single(point: number): CodePointRange[] {
  return [[point, point]];
}

function isSingle(ranges: readonly CodePointRange[]): boolean {
  return ranges.length === 1 && ranges[0][0] === ranges[0][1];
}
