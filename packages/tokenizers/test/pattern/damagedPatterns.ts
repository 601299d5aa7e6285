/**
 * Patterns damaged at random, and what becomes of them.
 */

import { readFileSync } from "node:fs";
import { Pattern } from "../../src/pattern/pattern.ts";

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"));
const hand = read("hand.json") as readonly [pattern: string, text: string][];
const { rows } = read("encodings.json") as { readonly rows: readonly [pattern: string, ids: unknown][] };
const seeds = [...hand, ...rows].map(([pattern]) => pattern);

const parts = [
  ..."( (?: (?= (?<! (?> (?i) (?i: [ [^ ] ) | * + ? {2,5} {1000} {,3} {10000} \\ \\p{L} \\P{ } ^ $ && -- - \\b 😀 \\x{".split(
    " ",
  ),
  "\ud83d",
  "\0",
];
const text = `The  quick\n 12 brown-fox's ${"a".repeat(40)} 漢字 é😀\r\n`.repeat(3);

/** A generator of small numbers that is the same everywhere. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function mutate(random: (limit: number) => number): string {
  const one = (list: readonly string[]): string => list[random(list.length)] ?? "";
  let pattern = one(seeds);
  for (let times = 1 + random(6); times > 0; times--) {
    const at = random(pattern.length + 1);
    const [before, after] = [pattern.slice(0, at), pattern.slice(at)];
    const kind = random(4);
    if (kind === 0) pattern = before + after.slice(1 + random(3));
    else if (kind === 1) pattern = before + one(parts) + after;
    else if (kind === 2) pattern = before + before.slice(random(at + 1)) + after;
    else pattern = before + one(seeds) + after;
  }
  return pattern.slice(0, 5000);
}

/**
 * Runs damaged patterns over a text.
 *
 * @returns how many of them worked, and the complaints about those that were not refused as they should be.
 */
export function runDamagedPatterns(count: number, seed: number): { worked: number; complaints: string[] } {
  const random = randomNumbers(seed);
  const complaints: string[] = [];
  let worked = 0;
  for (let i = 0; i < count; i++) {
    const source = mutate(random);
    try {
      const pattern = new Pattern(source, { dialect: i % 2 === 0 ? "rust" : "oniguruma" });
      for (let from = 0; from <= text.length && pattern.exec(text, from);) {
        if (pattern.start < from || pattern.end < pattern.start) throw new Error("matches are not in order");
        from = Math.max(pattern.end, pattern.start + 1);
      }
      worked++;
    } catch (error) {
      const isRefusal = error instanceof RangeError && error.message.startsWith("Pattern: expected ");
      if (!isRefusal) complaints.push(`${source}: ${String(error)}`);
    }
  }
  return { worked, complaints };
}
