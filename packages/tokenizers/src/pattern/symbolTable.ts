/**
 * The symbols of a pattern: classes of code points that none of its sets tells apart.
 */

import type { CodePointSet } from "../unicode/codePointSet.ts";
import type { SymbolTable } from "./program.ts";

const FIRST_SYMBOL = 2;
const PAGE = 256;
const PAGES = 0x110000 / PAGE;
/** Sets times ranges, and sets times symbols, that a pattern may come to. */
const MAX_WORK = 1 << 26;

export interface SetTables {
  readonly symbols: SymbolTable;
  /** 1 for each set and symbol if the symbol's code points are in the set; the sets in order, `symbols.count` each. */
  readonly members: Uint8Array;
}

/** @throws RangeError if the sets are too many and too different for tables of them. */
export function symbolTables(sets: readonly CodePointSet[]): SetTables {
  const bounds = [...new Set([0, ...sets.flat(), 0x110000])].toSorted((a, b) => a - b);
  const places = new Map(bounds.map((bound, place) => [bound, place]));
  const intervals = bounds.length - 1;
  checkWork(intervals * sets.length);
  // Every set parts each class into what it has and what it lacks.
  let classes = new Int32Array(intervals);
  for (const set of sets) {
    const inside = new Uint8Array(intervals);
    for (let i = 0; i < set.length; i += 2)
      inside.fill(1, places.get(set[i] as number), places.get(set[i + 1] as number));
    const numbers = new Map<number, number>();
    classes = classes.map((before, i) => numberOf(numbers, 2 * before + (inside[i] as number)));
  }
  const numbers = new Map<number, number>();
  const ordered = classes.map((each) => numberOf(numbers, each) + FIRST_SYMBOL);
  const count = numbers.size + FIRST_SYMBOL;
  checkWork(count * sets.length);
  const members = new Uint8Array(count * sets.length);
  sets.forEach((set, number) => {
    for (let i = 0; i < set.length; i += 2) {
      const end = places.get(set[i + 1] as number) ?? 0;
      for (let at = places.get(set[i] as number) ?? 0; at < end; at++)
        members[number * count + (ordered[at] as number)] = 1;
    }
  });
  return { symbols: pagesOf(bounds, ordered, count), members };
}

function numberOf(numbers: Map<number, number>, key: number): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

function checkWork(amount: number): void {
  if (amount > MAX_WORK)
    throw new RangeError("Pattern: expected a smaller pattern, got too many different character classes");
}

/** Pages of 256 code points; those of one symbol only are shared. */
function pagesOf(bounds: readonly number[], ordered: Int32Array, count: number): SymbolTable {
  const pages = new Int32Array(PAGES);
  const symbols: number[] = [];
  const uniform = new Map<number, number>();
  let interval = 0;
  for (let page = 0; page < PAGES; page++) {
    const first = page * PAGE;
    while ((bounds[interval + 1] as number) <= first) interval++;
    const isUniform = (bounds[interval + 1] as number) >= first + PAGE;
    const symbol = ordered[interval] as number;
    const known = isUniform ? uniform.get(symbol) : undefined;
    pages[page] = known ?? symbols.length;
    if (known !== undefined) continue;
    if (isUniform) uniform.set(symbol, symbols.length);
    for (let point = first, at = interval; point < first + PAGE; point++) {
      while ((bounds[at + 1] as number) <= point) at++;
      symbols.push(ordered[at] as number);
    }
  }
  return { count, pages, symbols: Uint16Array.from(symbols) };
}
