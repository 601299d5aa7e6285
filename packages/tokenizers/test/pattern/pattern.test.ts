import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Pattern } from "../../src/pattern/pattern.ts";

type Dialect = "rust" | "oniguruma";
interface Fixture {
  readonly rows: readonly [dialect: Dialect, source: string, text: string, matches: readonly string[] | null][];
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/patterns.json", import.meta.url), "utf8")) as Fixture;

/** All matches, one after the other. */
function spansOf(pattern: Pattern, text: string): [start: number, end: number][] {
  const spans: [number, number][] = [];
  for (let from = 0; from <= text.length && pattern.exec(text, from);) {
    spans.push([pattern.start, pattern.end]);
    from = pattern.end;
    if (pattern.end === pattern.start) from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
  }
  return spans;
}

function matchesOf(source: string, text: string, dialect: Dialect = "rust"): string[] {
  const spans = spansOf(new Pattern(source, { dialect }), text);
  return spans.filter(([start, end]) => end > start).map(([start, end]) => text.slice(start, end));
}

/** What the originals take and this engine does not. */
const refused = [
  /\\1/, // back references, and octal numbers
  /\\[XKy]/,
  /\\c/,
  /\{3,1\}/,
  /\(\?R\)/,
  /\[:foo:\]/,
  /--\[b\]/,
  /\\uD83D|\\x$|\\x\{110000\}/,
];

describe("matches what the original matches", () => {
  test.each(["rust", "oniguruma"] as const)("in the dialect %s", (dialect) => {
    const differences: unknown[] = [];
    for (const [of, source, text, expected] of fixture.rows) {
      if (of !== dialect || expected === null) continue;
      let found: unknown;
      try {
        found = matchesOf(source, text, dialect);
      } catch (error) {
        found = String(error);
        if (refused.some((each) => each.test(source))) continue;
      }
      if (JSON.stringify(found) !== JSON.stringify(expected)) differences.push({ source, text, expected, found });
    }
    expect(differences).toEqual([]);
  });

  test("and refuses what the original refuses, but for a look-behind in a look-behind", () => {
    const accepted = fixture.rows.filter(([dialect, source, , expected]) => {
      if (expected !== null) return false;
      try {
        matchesOf(source, "", dialect);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted.map(([dialect, source]) => [dialect, source])).toEqual([["oniguruma", "(?<=(?<!x)a)b"]]);
  });
});

describe("places", () => {
  test("are UTF-16 units, and characters are not cut", () => {
    expect(spansOf(new Pattern("."), "a😀b")).toEqual([
      [0, 1],
      [1, 3],
      [3, 4],
    ]);
  });

  test("a lone surrogate counts as U+FFFD", () => {
    expect(spansOf(new Pattern("\\x{FFFD}"), "a\ud83db\ude00")).toHaveLength(2);
  });

  test("a look-behind sees what is before the place to start at", () => {
    const pattern = new Pattern("(?<=a)b");
    expect(pattern.exec("ab", 1)).toBe(true);
    expect(pattern.start).toBe(1);
  });

  test("another text is another text, whatever was known of the last one", () => {
    const pattern = new Pattern("(a|aa)*b");
    expect(pattern.exec("a".repeat(20000), 0)).toBe(false);
    expect(pattern.exec(`${"a".repeat(20000)}b`, 0)).toBe(true);
    expect(pattern.end).toBe(20001);
  });
});

describe("refuses with the reason and the place", () => {
  test.each<[string, RegExp]>([
    [
      "(a)\\1",
      /^Pattern: expected a pattern without back references and calls of groups, got one, at index 5 of "\(a\)\\\\1"$/,
    ],
    ["a(b", /^Pattern: expected a closing parenthesis, got its end, at index 3 of "a\(b"$/],
    ["a)", /expected an opening parenthesis before a closing one, got "\)"/],
    ["[a", /expected \] at the end of a character class/],
    ["[z-a]", /expected a range whose first character is not after its last/],
    ["*a", /expected something before a quantifier to repeat/],
    [
      "\\p{Klingon}",
      /expected a general category, a script or a binary property that this engine knows, got "\{Klingon\}"/,
    ],
    ["a{20000}", /expected counts of at most 10000/],
    ["(?<=a++)b", /expected no atomic group or possessive quantifier in a look-behind/],
    ["(?:(?:ab){1000}){1000}", /expected a pattern of at most 20000 instructions/],
    [`${"(".repeat(1000)}${")".repeat(1000)}`, /expected groups and classes at most 100 deep/],
    [`${"[".repeat(1000)}a${"]".repeat(1000)}`, /expected groups and classes at most 100 deep/],
    ["a".repeat(70000), /expected at most 65536 UTF-16 units, got 70000/],
    ["((?:)|(?:)){10000}".repeat(100), /expected a pattern of at most 20000 instructions/],
  ])("%s", (source, message) => {
    expect(() => new Pattern(source)).toThrow(message);
  });

  test("something that is no string", () => {
    expect(() => new Pattern(/a/ as unknown as string)).toThrow(/^Pattern: expected a string, got an object$/);
  });
});

const a = (count: number): string => "a".repeat(count);

describe("takes time that follows the text, whatever the pattern", () => {
  test.each<[string, string]>([
    ["(a+)+$", `${a(30000)}!`],
    ["(a|aa)*b", a(30000)],
    ["(.*)*x", a(30000)],
    ["a*a*a*a*b", a(30000)],
    ["\\s+$", `${" ".repeat(30000)}x`],
    ["(?:ab)*c", "ab".repeat(15000)],
    ["[a-z]*?b", a(30000)],
    ["(((((a*)*)*)*)*)*b", a(2000)],
    ["\\p{L}{1,500}b", a(4000)],
    ["(a?){50}a{50}b", a(2000)],
    ["(?<=a*x)a", a(30000)],
    ["(.+)+\\z", `${a(30000)}\n`],
  ])("%s finds nothing", (source, text) => {
    expect(new Pattern(source).exec(text, 0)).toBe(false);
  });

  test.each<[string, string]>([
    ["\\S*\\d|\\S", a(20000)],
    ["a*+b|a", a(20000)],
    ["(?=a*ab)a", `${a(20000)}b`],
    ["(?=(?:a|b)*c)a", `${a(20000)}c`],
    ["(?>(?:ab?)*)c|a", a(20000)],
    ["(?<!a*x)a", a(20000)],
    ["(?!(?:.|a)*b)a", a(20000)],
  ])("%s finds every a", (source, text) => {
    expect(spansOf(new Pattern(source), text).filter(([start, end]) => end > start)).toHaveLength(20000);
  });

  test("a million characters of one class are one match", () => {
    const text = "字".repeat(1_000_000);
    expect(matchesOf("\\p{N}|\\p{L}+(?!\\S)|(?:\\w|x)+", text)).toEqual([text]);
    expect(matchesOf("(?:\\w|x)+", text)).toEqual([text]);
  });
});
