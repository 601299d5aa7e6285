/**
 * The character sets that have names: `\d \s \w \h`, POSIX brackets and Unicode properties, by the rules of either dialect.
 */

import { closeOverCase } from "../unicode/caseFolding.ts";
import { type CodePointSet, codePointSet, complement, intersection, union } from "../unicode/codePointSet.ts";
import { binaryProperty, generalCategory, looseName, script } from "../unicode/properties.ts";
import type { PatternDialect, PatternSource } from "./patternSource.ts";

const property = (name: string): CodePointSet => binaryProperty(name) ?? generalCategory(name) ?? [];
const points = (...ranges: [number, number][]): CodePointSet => codePointSet(ranges);

const hexDigits = points([0x30, 0x3a], [0x41, 0x47], [0x61, 0x67]);
const newlines = points([0x0a, 0x0e], [0x85, 0x86], [0x2028, 0x202a]);
export const lineFeed: CodePointSet = [0x0a, 0x0b];
export const allCodePoints: CodePointSet = [0, 0x110000];

/** `\w`: letters, marks, digits and connectors; in Rust the two joiners too. */
function wordSet(dialect: PatternDialect): CodePointSet {
  const sets = [property("alphabetic"), property("m"), property("nd"), property("pc")];
  return union(dialect === "rust" ? [...sets, property("joincontrol")] : sets);
}

/**
 * What `\w` outside of a class and word boundaries take for words: Oniguruma, unlike within a class, has the six superscripts and
 * fractions of Latin-1 among them.
 */
export function bareWordSet(dialect: PatternDialect): CodePointSet {
  const superscripts = points([0xb2, 0xb4], [0xb9, 0xba], [0xbc, 0xbf]);
  return dialect === "rust" ? wordSet(dialect) : union([wordSet(dialect), superscripts]);
}

/** The set of an escape of one letter, such as `d` or `D`; undefined if it names none. */
export function escapedSet(letter: string, dialect: PatternDialect): CodePointSet | undefined {
  switch (letter) {
    case "d":
      return property("nd");
    case "s":
      return property("whitespace");
    case "w":
      return wordSet(dialect);
    case "h":
      return hexDigits;
    case "D":
    case "S":
    case "W":
    case "H":
      return complement(escapedSet(letter.toLowerCase(), dialect) ?? []);
    default:
      return undefined;
  }
}

/** What `\R` matches besides a carriage return with a line feed. */
export function newlineSet(): CodePointSet {
  return newlines;
}

const asciiClasses: Readonly<Record<string, CodePointSet>> = {
  alnum: points([0x30, 0x3a], [0x41, 0x5b], [0x61, 0x7b]),
  alpha: points([0x41, 0x5b], [0x61, 0x7b]),
  ascii: [0, 0x80],
  blank: points([0x09, 0x0a], [0x20, 0x21]),
  cntrl: points([0, 0x20], [0x7f, 0x80]),
  digit: [0x30, 0x3a],
  graph: [0x21, 0x7f],
  lower: [0x61, 0x7b],
  print: [0x20, 0x7f],
  punct: points([0x21, 0x30], [0x3a, 0x41], [0x5b, 0x61], [0x7b, 0x7f]),
  space: points([0x09, 0x0e], [0x20, 0x21]),
  upper: [0x41, 0x5b],
  word: points([0x30, 0x3a], [0x41, 0x5b], [0x5f, 0x60], [0x61, 0x7b]),
  xdigit: hexDigits,
};

/** The set of `[:name:]`: of ASCII in Rust, of Unicode in Oniguruma. */
export function posixClass(name: string, dialect: PatternDialect): CodePointSet | undefined {
  if (!Object.hasOwn(asciiClasses, name)) return undefined;
  if (dialect === "rust") return asciiClasses[name];
  if (name === "punct") return union([property("p"), property("s")]);
  return posixProperty(name);
}

/** The names that Oniguruma has for properties as well. */
function posixProperty(name: string): CodePointSet | undefined {
  switch (name) {
    case "alnum":
      return union([property("alphabetic"), property("nd")]);
    case "alpha":
      return property("alphabetic");
    case "ascii":
    case "xdigit":
      return asciiClasses[name];
    case "blank":
      return union([property("zs"), [0x09, 0x0a]]);
    case "cntrl":
      return property("cc");
    case "digit":
      return property("nd");
    case "graph":
      return intersection(
        complement(union([property("whitespace"), property("cc"), property("cn")])),
        complement([0xd800, 0xe000]),
      );
    case "lower":
      return property("lowercase");
    case "print":
      return union([posixProperty("graph") ?? [], property("zs")]);
    case "punct":
      return property("p");
    case "space":
      return property("whitespace");
    case "upper":
      return property("uppercase");
    case "word":
      return wordSet("oniguruma");
    default:
      return undefined;
  }
}

const shortProperties: Readonly<Record<string, string>> = {
  alpha: "alphabetic",
  lower: "lowercase",
  upper: "uppercase",
  space: "whitespace",
  wspace: "whitespace",
  ideo: "ideographic",
  hex: "hexdigit",
  dia: "diacritic",
  di: "defaultignorablecodepoint",
  vs: "variationselector",
  ri: "regionalindicator",
  joinc: "joincontrol",
  epres: "emojipresentation",
  emod: "emojimodifier",
  ebase: "emojimodifierbase",
  ecomp: "emojicomponent",
  extpict: "extendedpictographic",
};

/** The set of `\p{name}`, `\P{name}` and, in Rust, `\pL`; the `p` or `P` has been read. */
export function readProperty(source: PatternSource, isNegated: boolean): CodePointSet {
  const start = source.at;
  let name = source.eat("{") ? source.until("}") : source.next("the name of a property");
  let negated = isNegated;
  if (name.startsWith("^")) {
    negated = !negated;
    name = name.slice(1);
  }
  const set = name.length > 60 ? undefined : propertySet(name, source.dialect);
  if (set === undefined) {
    source.at = start;
    source.fail("a general category, a script or a binary property that this engine knows");
  }
  // Oniguruma leaves properties as they are, outside of classes.
  const folded = source.isRust && source.flags.ignoreCase ? source.counted(closeOverCase(set)) : set;
  return source.counted(negated ? complement(folded) : folded);
}

function propertySet(name: string, dialect: PatternDialect): CodePointSet | undefined {
  if (dialect === "oniguruma") {
    const loose = looseName(name);
    return posixProperty(loose) ?? binary(loose) ?? generalCategory(loose) ?? script(loose);
  }
  const [key = "", value] = name.split(/[=:]/, 2).map(looseName);
  if (value === undefined) {
    const known = key === "word" ? wordSet(dialect) : (generalCategory(key) ?? script(key) ?? binary(key));
    return known ?? (key.startsWith("is") ? propertySet(key.slice(2), dialect) : undefined);
  }
  if (key === "gc" || key === "generalcategory") return generalCategory(value);
  return key === "sc" || key === "script" ? script(value) : undefined;
}

function binary(name: string): CodePointSet | undefined {
  return binaryProperty(shortProperties[name] ?? name);
}
