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
  const bounds = boundsOf(sets);
  const intervals = bounds.length - 1;
  checkWork(intervals * sets.length);
  const places = sets.map((set) => placesIn(bounds, set));
  // Every set parts each class into what it has and what it lacks.
  let classes = new Int32Array(intervals);
  for (const ranges of places) {
    const inside = new Uint8Array(intervals);
    for (let i = 0; i < ranges.length; i += 2) inside.fill(1, ranges[i], ranges[i + 1]);
    const numbers = new Map<number, number>();
    classes = classes.map((before, i) => numberOf(numbers, 2 * before + (inside[i] as number)));
  }
  const numbers = new Map<number, number>();
  const ordered = classes.map((each) => numberOf(numbers, each) + FIRST_SYMBOL);
  const count = numbers.size + FIRST_SYMBOL;
  checkWork(count * sets.length);
  const members = new Uint8Array(count * sets.length);
  places.forEach((ranges, number) => {
    for (let i = 0; i < ranges.length; i += 2) {
      for (let at = ranges[i] as number; at < (ranges[i + 1] as number); at++) {
        members[number * count + (ordered[at] as number)] = 1;
      }
    }
  });
  return { symbols: pagesOf(bounds, ordered, count), members };
}

/** All ends of ranges in order, each once. */
function boundsOf(sets: readonly CodePointSet[]): number[] {
  const ends = new Uint32Array(2 + sets.reduce((sum, set) => sum + set.length, 0));
  ends[1] = 0x110000;
  let filled = 2;
  for (const set of sets) {
    ends.set(set, filled);
    filled += set.length;
  }
  ends.sort();
  const bounds: number[] = [];
  for (const end of ends) if (bounds.at(-1) !== end) bounds.push(end);
  return bounds;
}

/** The ends of a set's ranges by their index among the bounds. */
function placesIn(bounds: readonly number[], set: CodePointSet): number[] {
  const places: number[] = [];
  let place = 0;
  for (let i = 0; i < set.length; i++) {
    while ((bounds[place] as number) < (set[i] as number)) place++;
    places.push(place);
  }
  return places;
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
  const uniform = new Map<number, number>();
  let size = 0;
  for (let page = 0, interval = 0; page < PAGES; page++) {
    while ((bounds[interval + 1] as number) <= page * PAGE) interval++;
    const isUniform = (bounds[interval + 1] as number) >= (page + 1) * PAGE;
    const known = isUniform ? uniform.get(ordered[interval] as number) : undefined;
    pages[page] = known ?? size;
    if (known !== undefined) continue;
    if (isUniform) uniform.set(ordered[interval] as number, size);
    size += PAGE;
  }
  const symbols = new Uint16Array(size);
  for (let page = 0, interval = 0, filled = 0; page < PAGES; page++) {
    const first = page * PAGE;
    while ((bounds[interval + 1] as number) <= first) interval++;
    if (pages[page] !== filled) continue;
    filled += PAGE;
    for (let at = interval, from = first; from < first + PAGE; at++) {
      const to = Math.min(bounds[at + 1] as number, first + PAGE);
      symbols.fill(ordered[at] as number, (pages[page] as number) + from - first, (pages[page] as number) + to - first);
      from = to;
    }
  }
  return { count, pages, symbols };
}
