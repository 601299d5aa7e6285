/**
 * Bracketed classes such as `[^\s\p{L}&&[^0-9]]`: ranges, nested classes, POSIX brackets, intersections, and in Rust differences (`--`)
 * and symmetric differences (`~~`).
 */

import { closeOverCase } from "../unicode/caseFolding.ts";
import { type CodePointSet, complement, intersection, union } from "../unicode/codePointSet.ts";
import { codePointOf, readEscape } from "./escapes.ts";
import { posixClass } from "./namedSets.ts";
import type { PatternSource } from "./patternSource.ts";

/** The set of a class whose opening bracket has been read. */
export function readClass(source: PatternSource): CodePointSet {
  return source.nested(() => {
    const isNegated = source.eat("^");
    const operands = readOperands(source);
    // Rust folds case in what a class is made of, Oniguruma in what comes of it.
    const set = source.isRust ? operands : fold(source, operands);
    return source.counted(isNegated ? complement(set) : set);
  });
}

/** Everything up to the closing bracket: unions, with operators between them that all bind alike. */
function readOperands(source: PatternSource): CodePointSet {
  let left: CodePointSet | undefined;
  let operator = "";
  let isFirst = true;
  for (;;) {
    const right = readUnion(source, isFirst);
    isFirst = false;
    left = left === undefined ? right : source.counted(combine(operator, left, right));
    if (source.eat("]")) return left;
    operator = readOperator(source);
  }
}

function combine(operator: string, left: CodePointSet, right: CodePointSet): CodePointSet {
  if (operator === "&&") return intersection(left, right);
  const difference = intersection(left, complement(right));
  return operator === "--" ? difference : union([difference, intersection(right, complement(left))]);
}

function readOperator(source: PatternSource): string {
  for (const operator of operators(source)) if (source.eat(operator)) return operator;
  return source.fail("]");
}

function operators({ isRust }: PatternSource): readonly string[] {
  return isRust ? ["&&", "--", "~~"] : ["&&"];
}

/** Characters, ranges and classes up to an operator or the closing bracket. */
function readUnion(source: PatternSource, isFirst: boolean): CodePointSet {
  const sets: CodePointSet[] = [];
  for (let isStart = isFirst; ; isStart = false) {
    if (source.isAtEnd) source.fail("] at the end of a character class");
    if (source.sees("]") && !isStart) break;
    // A hyphen at the start, or two, are themselves.
    if (operators(source).some((operator) => source.sees(operator)) && !(isStart && source.sees("-"))) break;
    sets.push(readItem(source));
  }
  return sets.length === 0 ? [] : source.counted(union(sets));
}

function readItem(source: PatternSource): CodePointSet {
  if (source.sees("[:")) {
    const posix = source.match(/\[:(\^?)([a-z]{1,10}):\]/y);
    if (posix !== null) {
      const set = posixClass(posix[2] ?? "", source.dialect);
      if (set === undefined) source.fail("a POSIX class such as [:alpha:]", posix[0]);
      const folded = foldPart(source, set);
      return source.counted(posix[1] === "^" ? complement(folded) : folded);
    }
  }
  if (source.eat("[")) return readClass(source);
  const first = readMember(source);
  const isRange =
    source.sees("-") && source.peek(1) !== "]" && source.peek(1) !== "" && !(source.isRust && source.peek(1) === "-");
  if (typeof first !== "number") {
    if (isRange) source.fail("a character before the hyphen of a range");
    return first;
  }
  if (!isRange) return foldPart(source, [first, first + 1]);
  source.at++;
  const last = source.sees("[") ? "[" : readMember(source);
  if (typeof last !== "number") source.fail("a character after the hyphen of a range");
  if (last < first) source.fail("a range whose first character is not after its last");
  return foldPart(source, [first, last + 1]);
}

/** One character, or the set of an escape. */
function readMember(source: PatternSource): number | CodePointSet {
  const character = source.next("a character");
  if (character !== "\\") return codePointOf(character);
  const letter = source.next("a character after the backslash");
  if (letter === "b") return 8;
  if (letter === "R" && !source.isRust) return letter.charCodeAt(0);
  return readEscape(source, letter);
}

function foldPart(source: PatternSource, set: CodePointSet): CodePointSet {
  return source.isRust ? fold(source, set) : set;
}

function fold(source: PatternSource, set: CodePointSet): CodePointSet {
  return source.flags.ignoreCase ? source.counted(closeOverCase(set)) : set;
}
