/**
 * The patterns of a `tokenizer.json`: a string or a regular expression, and where it matches in a text.
 */

import type { Fields } from "./fields.ts";
import { outOfRange } from "./fields.ts";
import type { Splitting } from "../splitting/byteSplitter.ts";
import { knownSplitting } from "../splitting/knownPatterns.ts";
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
  if (known === undefined) throw outOfRange(pattern.pathOf("Regex"), "a pattern known to this package", regex);
  const split = known.createSplitter();
  return { known, find: (text) => piecesOf(split, text) };
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
