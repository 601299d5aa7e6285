/**
 * A splitter for any regular expression: the pattern engine over the UTF-8 of a text.
 */

import { compile } from "../pattern/compiler.ts";
import { Matcher } from "../pattern/matcher.ts";
import { parsePattern } from "../pattern/parser.ts";
import type { PatternDialect } from "../pattern/patternSource.ts";
import { REST_SYMBOL, type SymbolTable } from "../pattern/program.ts";
import type { Symbols } from "../pattern/symbolText.ts";
import { widthOf } from "./byteClasses.ts";
import type { ByteSplitter } from "./byteSplitter.ts";

/** A larger array of symbols is given back before the next text. */
const KEPT_SYMBOLS = 1 << 24;

/**
 * The splitter whose pieces are the matches of an expression that are not empty; what lies between them is no piece.
 *
 * @throws RangeError if the expression is wrong, or more than the engine takes.
 */
export function createRegexSplitter(source: string, dialect: PatternDialect): ByteSplitter {
  const program = compile(parsePattern(source, dialect), dialect);
  const matcher = new Matcher(program);
  const isWide = program.symbols.count > 256;
  let symbols: Symbols = new Uint8Array(0);
  // The match after a gap, found with it.
  let nextStart = -1;
  let nextEnd = 0;
  const split: ByteSplitter = (bytes, start, end) => {
    if (start === nextStart) return nextEnd;
    for (let from = start; from < end && matcher.find(from + 1);) {
      nextStart = matcher.start - 1;
      nextEnd = matcher.stop - 1;
      if (nextEnd > nextStart) return nextStart > start ? ~nextStart : nextEnd;
      from = nextStart + widthOf(bytes[nextStart] as number);
    }
    nextStart = -1;
    return ~end;
  };
  split.begin = (bytes, end) => {
    nextStart = -1;
    if (symbols.length < end + 2 || symbols.length > KEPT_SYMBOLS) {
      symbols = isWide ? new Uint16Array(end + 2) : new Uint8Array(end + 2);
    }
    writeSymbols(program.symbols, bytes, end, symbols);
    matcher.begin(symbols, end + 1);
  };
  return split;
}

/** Puts the symbols of a text between two of the end; the bytes of a character after its first have one of their own. */
function writeSymbols({ pages, symbols }: SymbolTable, bytes: Uint8Array, end: number, target: Symbols): void {
  // The first page is that of ASCII.
  const ascii = symbols.subarray(pages[0], (pages[0] as number) + 128);
  target[0] = 0;
  for (let at = 0; at < end; at++) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      target[at + 1] = ascii[first] as number;
      continue;
    }
    const width = widthOf(first);
    let point = first & (0xff >> (width + 1));
    const place = at + 1;
    for (let i = 1; i < width; i++) {
      point = (point << 6) | ((bytes[++at] as number) & 63);
      target[at + 1] = REST_SYMBOL;
    }
    target[place] = symbols[(pages[point >> 8] as number) + (point & 255)] as number;
  }
  target[end + 1] = 0;
}
