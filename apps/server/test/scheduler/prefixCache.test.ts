import type { SavedTokens } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";
import { PrefixCache } from "../../src/scheduler/prefixCache.ts";

/** Copies of 10 bytes for each token that remember where they come from. */
const save = (from: number, to: number): SavedTokens => ({
  from,
  length: to - from,
  bytes: 10 * (to - from),
  parts: [],
});

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

function cacheOf(maxBytes: number): PrefixCache {
  return new PrefixCache({ maxBytes, blockTokens: 4 });
}

/** How many tokens are found. */
const found = (cache: PrefixCache, client: string, prompt: readonly number[]): number =>
  cache.find(client, prompt).reduce((sum, { length }) => sum + length, 0);

describe("a cache of prefixes", () => {
  it("finds whole blocks from the beginning, never the last token", () => {
    const cache = cacheOf(1000);
    cache.keep("one", range(0, 11), { length: 11, save });
    expect(cache.find("one", range(0, 11)).map(({ from }) => from)).toEqual([0, 4]);
    expect(found(cache, "one", range(0, 8))).toBe(4);
    expect(found(cache, "one", [...range(0, 8), 99])).toBe(8);
    expect(found(cache, "one", [0, 1, 2, 3, 99, 5, 6, 7, 8])).toBe(4);
    expect(found(cache, "one", range(1, 11))).toBe(0);
    expect(cache.bytes).toBe(80);
  });

  it("is every client's own", () => {
    const cache = cacheOf(1000);
    cache.keep("one", range(0, 9), { length: 9, save });
    expect(found(cache, "two", range(0, 9))).toBe(0);
  });

  it("makes no copy of what it has", () => {
    const cache = cacheOf(1000);
    const places: number[] = [];
    const recorded = (from: number, to: number): SavedTokens => {
      places.push(from);
      return save(from, to);
    };
    cache.keep("one", range(0, 20), { length: 9, save: recorded });
    cache.keep("one", range(0, 20), { length: 20, save: recorded });
    cache.keep("one", [...range(0, 8), 50, 51, 52, 53], { length: 12, save: recorded });
    expect(places).toEqual([0, 4, 8, 12, 16, 8]);
  });

  it("lets go of what was used least recently, ends before beginnings", () => {
    const cache = cacheOf(160);
    cache.keep("one", range(0, 9), { length: 8, save });
    cache.keep("two", range(100, 109), { length: 8, save });
    expect(found(cache, "one", range(0, 9))).toBe(8);
    cache.keep("three", range(200, 205), { length: 4, save });
    expect(cache.bytes).toBe(160);
    expect(found(cache, "two", range(100, 109))).toBe(4);
    expect(found(cache, "one", range(0, 9))).toBe(8);
    expect(found(cache, "three", range(200, 205))).toBe(4);
  });

  it("keeps of a prompt that is too long for it as much as there is room for", () => {
    const cache = cacheOf(100);
    cache.keep("one", range(0, 40), { length: 40, save });
    expect(cache.bytes).toBe(80);
    expect(found(cache, "one", range(0, 40))).toBe(8);
    const none = cacheOf(0);
    none.keep("one", range(0, 40), { length: 40, save });
    expect(found(none, "one", range(0, 40))).toBe(0);
  });
});
