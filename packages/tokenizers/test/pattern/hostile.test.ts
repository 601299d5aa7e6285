import { describe, expect, test } from "vitest";
import { Pattern } from "../../src/pattern/pattern.ts";
import { runDamagedPatterns } from "./damagedPatterns.ts";

test("damaged patterns work, or are refused with a message", () => {
  const { worked, complaints } = runDamagedPatterns(1500, 7);
  expect(complaints).toEqual([]);
  expect(worked).toBeGreaterThan(300);
});

describe("patterns that would be too large", () => {
  const times = (source: string, count: number): string => source.repeat(count);
  test.each<[string, string]>([
    ["many letters", times("a", 65_000)],
    ["many classes", times("\\p{L}|", 6000)],
    ["a class of many", `[${times("\\p{L}", 13_000)}]`],
    ["many intersections", `[${times("\\p{L}&&", 9000)}a]`],
    ["many different letters", String.fromCodePoint(...Array.from({ length: 19_000 }, (_, i) => 0x4e00 + i))],
    ["nested counts", `${times("(?:", 90)}ab${times("){2}", 90)}`],
  ])("%s are refused", (_, source) => {
    expect(() => new Pattern(source)).toThrow(/^Pattern: expected a (smaller pattern|pattern of at most)/);
  });
});
