/**
 * Regular expressions as tiktoken and Hugging Face's tokenizers take them, read into a tree.
 *
 * Where the dialects differ, `(?m)` means lines in Rust and the dot in Oniguruma, `{1,3}+` is possessive in Rust and a second
 * quantifier in Oniguruma. Groups capture nothing: a tokenizer asks for the match only, and back references are refused.
 *
 * @see https://docs.rs/fancy-regex
 * @see https://github.com/kkos/oniguruma/blob/master/doc/RE
 */

import { closeOverCase } from "../unicode/caseFolding.ts";
import { complement } from "../unicode/codePointSet.ts";
import { readClass } from "./classParser.ts";
import { codePointOf, readEscape } from "./escapes.ts";
import { allCodePoints, bareWordSet, lineFeed, newlineSet } from "./namedSets.ts";
import { type PatternDialect, type PatternFlags, PatternSource } from "./patternSource.ts";
import { type Assertion, choice, empty, isEmpty, type PatternNode, sequence } from "./syntaxTree.ts";

/** The most times that a counted repetition may ask for. */
const MAX_REPEATS = 10000;

/** @throws RangeError that says what is wrong with the source, and where. */
export function parsePattern(text: string, dialect: PatternDialect): PatternNode {
  const source = new PatternSource(text, dialect);
  const node = readChoice(source);
  if (!source.isAtEnd) source.fail("an opening parenthesis before a closing one");
  return node;
}

/** Options up to a closing parenthesis or the end. */
function readChoice(source: PatternSource): PatternNode {
  const options = [readSequence(source)];
  while (source.eat("|")) options.push(readSequence(source));
  return choice(options);
}

function readSequence(source: PatternSource): PatternNode {
  const items: PatternNode[] = [];
  for (;;) {
    source.skipExtended();
    if (source.isAtEnd || source.sees("|") || source.sees(")")) return sequence(items);
    const isLook = /^\(\?<?[=!]/.test(source.ahead(4));
    const isGroup = source.eat("(");
    const atom = isGroup ? readGroup(source) : readAtom(source);
    const isRepeatable = !isLook && (isGroup || source.isRust || atom.kind !== "assertion");
    items.push(readQuantifiers(source, atom, isRepeatable));
  }
}

function readAtom(source: PatternSource): PatternNode {
  const { isRust, flags } = source;
  if (/^[*+?]/.test(source.peek())) source.fail("something before a quantifier to repeat");
  const character = source.next("a character");
  switch (character) {
    case ".":
      return { kind: "set", set: flags.dotAll ? allCodePoints : complement(lineFeed) };
    case "[":
      return { kind: "set", set: readClass(source) };
    case "^":
      return assertion(!flags.multiLine ? "textStart" : isRust ? "lineStart" : "lineStartBeforeEnd");
    case "$":
      return assertion(flags.multiLine ? "lineEnd" : "textEnd");
    case "\\":
      return readEscaped(source);
    default:
      return characterNode(source, codePointOf(character));
  }
}

function characterNode(source: PatternSource, point: number): PatternNode {
  const set = [point, point + 1];
  return { kind: "set", set: source.flags.ignoreCase ? closeOverCase(set) : set };
}

function assertion(name: Assertion): PatternNode {
  return { kind: "assertion", assertion: name };
}

const lineFeedNode: PatternNode = { kind: "set", set: lineFeed };

function look(item: PatternNode): PatternNode {
  return { kind: "look", item, behind: false, negated: false };
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: "textStart",
  z: "textEnd",
  Z: "textEndOrLastNewline",
  b: "wordBoundary",
  B: "noWordBoundary",
  "<": "wordStart",
  ">": "wordEnd",
};

/** What follows a backslash outside of a class. */
function readEscaped(source: PatternSource): PatternNode {
  const { isRust } = source;
  const letter = source.next("a character after the backslash");
  // As fancy-regex has it: before all newlines at the end.
  if (letter === "Z" && isRust) return look(sequence([repeat(lineFeedNode, 0, Infinity, true), assertion("textEnd")]));
  const known = Object.hasOwn(assertions, letter) ? assertions[letter] : undefined;
  if (known !== undefined && (isRust || /[A-Za-z]/.test(letter))) {
    if (letter === "b" && /^\{[a-z]/.test(source.ahead(2))) source.refuse("word boundaries in braces");
    return assertion(known);
  }
  if (letter === "R") return newlineNode();
  if (letter === "O") return { kind: "set", set: allCodePoints };
  if (letter === "w") return { kind: "set", set: source.counted(bareWordSet(source.dialect)) };
  if (letter === "W") return { kind: "set", set: source.counted(complement(bareWordSet(source.dialect))) };
  const found = readEscape(source, letter);
  if (typeof found === "number") return characterNode(source, found);
  return { kind: "set", set: found };
}

/** `\R`: a line end of any system, and a carriage return with its line feed as one. */
function newlineNode(): PatternNode {
  const pair = sequence([13, 10].map((point) => ({ kind: "set", set: [point, point + 1] })));
  return { kind: "atomic", item: choice([pair, { kind: "set", set: newlineSet() }]) };
}

/** A group, or a comment, or options; the opening parenthesis has been read. */
function readGroup(source: PatternSource): PatternNode {
  if (!source.eat("?")) return readBody(source);
  if (source.eat("#")) {
    source.until(")");
    return empty;
  }
  if (source.eat(":")) return readBody(source);
  if (source.eat(">")) return { kind: "atomic", item: readBody(source) };
  for (const [opening, behind, negated] of looks) {
    if (source.eat(opening)) return { kind: "look", item: readBody(source), behind, negated };
  }
  if (source.match(source.isRust ? /P?<\w+>|'\w+'/y : /<\w+>|'\w+'/y) !== null) return readBody(source);
  return readOptions(source);
}

const looks: readonly (readonly [opening: string, behind: boolean, negated: boolean])[] = [
  ["=", false, false],
  ["!", false, true],
  ["<=", true, false],
  ["<!", true, true],
];

/** The inside of a group and its closing parenthesis; options that it sets end with it. */
function readBody(source: PatternSource): PatternNode {
  const { flags } = source;
  const node = source.nested(() => readChoice(source));
  if (!source.eat(")")) source.fail("a closing parenthesis");
  source.flags = flags;
  return node;
}

const rustFlags: Readonly<Record<string, keyof PatternFlags>> = {
  i: "ignoreCase",
  s: "dotAll",
  m: "multiLine",
  x: "extended",
  U: "swapGreed",
};
const onigurumaFlags: Readonly<Record<string, keyof PatternFlags>> = { i: "ignoreCase", m: "dotAll", x: "extended" };

/** `(?i-s:...)`, or `(?i)`, which holds up to the end of the group that it is in. */
function readOptions(source: PatternSource): PatternNode {
  const names = source.isRust ? rustFlags : onigurumaFlags;
  const before = source.flags;
  const flags = { ...before };
  let value = true;
  for (;;) {
    const letter = source.peek();
    if (letter === ")" || letter === ":") break;
    const name = Object.hasOwn(names, letter) ? names[letter] : undefined;
    if (name !== undefined) flags[name] = value;
    else if (letter === "-" && value) value = false;
    // Unicode is what Rust matches anyway.
    else if (!(letter === "u" && value && source.isRust))
      source.fail("a kind of group or options that this engine knows");
    source.at++;
  }
  source.flags = flags;
  if (source.eat(":")) {
    const node = readBody(source);
    source.flags = before;
    return node;
  }
  source.at++;
  // In Oniguruma what follows is a group of its own, so that a|b after the options are alternatives within it.
  return source.isRust ? empty : source.nested(() => readChoice(source));
}

/** What follows an atom to say how often; in Oniguruma there may be several, each repeating what the ones before make. */
function readQuantifiers(source: PatternSource, atom: PatternNode, isRepeatable: boolean): PatternNode {
  const { isRust } = source;
  let node = atom;
  for (let isFirst = true; ; isFirst = false) {
    source.skipExtended();
    const place = source.at;
    if (isRust && !isFirst) return node;
    const counts = readCounts(source);
    if (counts === undefined) return node;
    if (!isRepeatable) {
      source.at = place;
      source.fail("no quantifier after a look-around or an assertion");
    }
    const { min, max, isInterval, isFixed } = counts;
    // In Oniguruma {n}? makes {n} optional, and + after braces is a quantifier of its own.
    const isOptional = !isRust && isFixed && source.eat("?");
    const isLazy = !isOptional && source.eat("?");
    const isPossessive = !isLazy && (isRust || !isInterval) && source.eat("+");
    const greedy = isLazy === source.flags.swapGreed;
    if (isOptional) node = repeat(repeat(node, min, max, true), 0, 1, true);
    else if (isPossessive) node = { kind: "atomic", item: repeat(node, min, max, true) };
    else node = repeat(node, min, max, greedy);
  }
}

/** `*`, `+`, `?` or braces; undefined if what comes next is none of them. */
function readCounts(
  source: PatternSource,
): { min: number; max: number; isInterval: boolean; isFixed: boolean } | undefined {
  if (source.eat("*")) return { min: 0, max: Infinity, isInterval: false, isFixed: false };
  if (source.eat("+")) return { min: 1, max: Infinity, isInterval: false, isFixed: false };
  if (source.eat("?")) return { min: 0, max: 1, isInterval: false, isFixed: false };
  const place = source.at;
  const interval = source.match(/\{(\d{0,10})(,?)(\d{0,10})\}/y);
  if (interval === null || (interval[1] === "" && interval[3] === "")) {
    source.at = place;
    return undefined;
  }
  const [, first = "", comma = "", second = ""] = interval;
  const min = first === "" ? 0 : Number(first);
  const max = comma === "" ? min : second === "" ? Infinity : Number(second);
  const isTooLarge = min > MAX_REPEATS || (max > MAX_REPEATS && max !== Infinity);
  if (isTooLarge || max < min) {
    source.at = place;
    source.fail(`counts of at most ${MAX_REPEATS}, the smaller one first`);
  }
  return { min, max, isInterval: true, isFixed: comma === "" };
}

function repeat(item: PatternNode, min: number, max: number, greedy: boolean): PatternNode {
  if (isEmpty(item) || max === 0) return empty;
  return min === 1 && max === 1 ? item : { kind: "repeat", item, min, max, greedy };
}
