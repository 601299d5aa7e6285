/**
 * Sets of characters as they stand in a JSON string: raw UTF-8, and for a quote, a backslash and control characters the one escape that
 * `JSON.stringify` writes, so that every text has a single spelling.
 */

import { byte, choice, literal, type Regular, sequence } from "./regular.ts";

/** Code points from the first to the second. */
export type CodePointRange = readonly [low: number, high: number];

/** All characters: code points that are no surrogates. */
export const allCharacters: readonly CodePointRange[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Quote, backslash and control characters. */
const escaped: readonly CodePointRange[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** One character of a set. */
export function characterOf(ranges: readonly CodePointRange[]): Regular {
  const parts: Regular[] = [];
  for (const [low, high] of without(ranges, escaped)) parts.push(...utf8Sequences(low, high));
  const escapes = common(ranges, escaped).flatMap(([low, high]) =>
    Array.from({ length: high - low + 1 }, (_, i) => spelled(String.fromCodePoint(low + i))),
  );
  return choice(...parts, ...sharedBeginnings(escapes));
}

/** Texts, those that begin alike as one. */
function sharedBeginnings(texts: readonly string[]): Regular[] {
  const groups = new Map<string, string[]>();
  for (const text of texts) groups.set(text[0], [...(groups.get(text[0]) ?? []), text.slice(1)]);
  return Array.from(groups, ([first, rests]) => {
    return rests.includes("") ? literal(first) : sequence(first, choice(...sharedBeginnings(rests)));
  });
}

/** A text as it stands between the quotes. */
export function spelled(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Ranges in order, those that touch joined, without surrogates. */
export function normalized(ranges: readonly CodePointRange[]): CodePointRange[] {
  const joined: [number, number][] = [];
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return common(joined, allCharacters);
}

/** The code points of one set that another lacks; both normalized. */
export function without(ranges: readonly CodePointRange[], others: readonly CodePointRange[]): CodePointRange[] {
  return ranges.flatMap(([low, high]) => {
    const rest: CodePointRange[] = [];
    let from = low;
    for (const [start, end] of others) {
      if (end < from || start > high) continue;
      if (start > from) rest.push([from, start - 1]);
      from = end + 1;
    }
    if (from <= high) rest.push([from, high]);
    return rest;
  });
}

/** The code points of both sets. */
function common(ranges: readonly CodePointRange[], others: readonly CodePointRange[]): CodePointRange[] {
  return ranges.flatMap(([low, high]) =>
    others
      .filter(([start, end]) => start <= high && end >= low)
      .map(([start, end]): CodePointRange => [Math.max(low, start), Math.min(high, end)]),
  );
}

/** Byte sequences that are together the UTF-8 of a range of characters: within each, all bytes vary freely. */
function utf8Sequences(low: number, high: number): Regular[] {
  if (low > high) return [];
  for (const limit of [0x7f, 0x7ff, 0xffff]) {
    if (low <= limit && high > limit) return [...utf8Sequences(low, limit), ...utf8Sequences(limit + 1, high)];
  }
  // Where the bits above differ, those below must run through all their values.
  for (const bits of high > 0x7f ? [6, 12, 18] : []) {
    const below = (1 << bits) - 1;
    if ((low & ~below) === (high & ~below)) continue;
    const cut = (low & below) !== 0 ? low | below : (high & below) !== below ? (high & ~below) - 1 : undefined;
    if (cut !== undefined) return [...utf8Sequences(low, cut), ...utf8Sequences(cut + 1, high)];
  }
  const first = utf8Of(low);
  const last = utf8Of(high);
  return [sequence(...first.map((value, i) => byte(value, last[i])))];
}

function utf8Of(point: number): number[] {
  if (point <= 0x7f) return [point];
  const rest = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => 0x80 | ((point >> (6 * (count - 1 - i))) & 0x3f));
  if (point <= 0x7ff) return [0xc0 | (point >> 6), ...rest(1)];
  if (point <= 0xffff) return [0xe0 | (point >> 12), ...rest(2)];
  return [0xf0 | (point >> 18), ...rest(3)];
}
