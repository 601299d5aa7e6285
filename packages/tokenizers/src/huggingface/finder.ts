/**
 * The patterns of a `tokenizer.json`: a string or a regular expression, and where it matches in a text.
 */

import { Pattern } from "../pattern/pattern.ts";
import type { Splitting } from "../splitting/byteSplitter.ts";
import { knownSplitting } from "../splitting/knownPatterns.ts";
import type { Fields } from "./fields.ts";
import { piecesOf } from "./pieces.ts";

/** Finds the matches of a pattern, from left to right, without overlap. */
export interface Finder {
  /** The splitter whose pieces are the matches, for patterns that have one. */
  readonly known?: Splitting;
  /** Start and end of each match, one after the other. */
  find(text: string): readonly number[];
}

/** Reads the field that holds `{ "String": ... }` or `{ "Regex": ... }`. */
export function readFinder(fields: Fields, name: string): Finder {
  const pattern = fields.object(name);
  const literal = pattern.optionalString("String");
  if (literal !== undefined && literal !== "") return literalFinder(literal);
  const regex = literal ?? pattern.string("Regex");
  const known = knownSplitting(regex);
  if (known === undefined) return patternFinder(pattern.pathOf("Regex"), regex);
  const split = known.createSplitter();
  return { known, find: (text) => piecesOf(split, text) };
}

/** Finds what a regular expression matches, as Oniguruma does. */
function patternFinder(path: string, regex: string): Finder {
  let pattern: Pattern;
  try {
    pattern = new Pattern(regex, { dialect: "oniguruma" });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    throw new RangeError(`Tokenizer.fromJSON: expected ${path} to be a regular expression known here (${reason})`, {
      cause,
    });
  }
  return {
    find: (text) => {
      const matches: number[] = [];
      if (text === "") return matches;
      let from = 0;
      let lastEnd = -1;
      while (from <= text.length && pattern.exec(text, from)) {
        const { start, end } = pattern;
        // An empty match right behind another one does not count.
        if (start === end && end === lastEnd) from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
        else {
          matches.push(start, end);
          from = end;
          lastEnd = end;
        }
      }
      return matches;
    },
  };
}

/** Finds a string that is not empty. */
export function literalFinder(literal: string): Finder {
  return {
    find: (text) => {
      const matches: number[] = [];
      for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length)) {
        matches.push(at, at + literal.length);
      }
      return matches;
    },
  };
}
