import { StopStrings } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** What comes out for each piece, and at the end. */
function pieces(stops: readonly string[], ...texts: string[]): (string | undefined)[] {
  const strings = new StopStrings(stops);
  return [...texts.map((text) => strings.push(text)), strings.end(), strings.found];
}

describe("stop strings", () => {
  it("end a text exactly before them", () => {
    expect(pieces(["stop"], "go on, stop here", " and more")).toEqual(["go on, ", "", "", "stop"]);
    expect(pieces(["\n"], "a line\nanother")).toEqual(["a line", "", "\n"]);
    expect(pieces(["x"], "x")).toEqual(["", "", "x"]);
  });

  it("hold back what may be their beginning, and no more", () => {
    expect(pieces(["stop"], "a s", "t", "op", "x")).toEqual(["a ", "", "", "", "", "stop"]);
    expect(pieces(["stop"], "a s", "t", "ay")).toEqual(["a ", "", "stay", "", undefined]);
    expect(pieces(["stop"], "st")).toEqual(["", "st", undefined]);
    // After "aab" another "aa" may begin: only what cannot belong to it goes out.
    expect(pieces(["aabaac"], "aabaa", "b", "aac")).toEqual(["", "aab", "", "", "aabaac"]);
  });

  it("are the one that is complete first, and the longest of those that end there", () => {
    expect(pieces(["abcd", "bc"], "a", "b", "c", "d")).toEqual(["", "", "a", "", "", "bc"]);
    expect(pieces(["bc", "abc", "c"], "xabc")).toEqual(["x", "", "abc"]);
  });

  it("never let half a character out", () => {
    // U+1F600 and U+1F601 begin with the same half.
    expect(pieces(["\u{1f600}"], "a\u{1f601}", "\u{1f600}")).toEqual(["a\u{1f601}", "", "", "\u{1f600}"]);
    expect(pieces([], "a\ud83d", "\ude00b")).toEqual(["a", "\u{1f600}b", "", undefined]);
    expect(pieces(["\u{1f601}"], "a\ud83d", "\ude00b")).toEqual(["a", "\u{1f600}b", "", undefined]);
    // Half a character at the end of a text is all there is.
    expect(pieces([], "a\ud83d")).toEqual(["a", "\ud83d", undefined]);
  });

  it("give the same text in any pieces, the one before the first end of a stop string", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\u{1f600}"), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\u{1f600}"), minLength: 1, maxLength: 5 }));
    const cuts = fc.array(fc.nat(40), { maxLength: 8 });
    fc.assert(
      fc.property(text, stops, cuts, (whole, strings, at) => {
        const borders = [0, ...at.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const parts = borders.slice(1).map((border, i) => whole.slice(borders[i], border));
        const ends = strings.flatMap((stop) => {
          const start = whole.indexOf(stop);
          return start < 0 ? [] : [{ stop, start, end: start + stop.length }];
        });
        const first = ends.sort((a, b) => a.end - b.end || a.start - b.start)[0];
        const given = pieces(strings, ...parts);
        const found = given.pop();
        expect(given.join("")).toBe(whole.slice(0, first?.start));
        expect(found).toBe(first?.stop);
        for (const piece of given) expect(piece).not.toMatch(/[\ud800-\udbff]$/);
      }),
    );
  });

  it("take no longer for long ones that nearly match at every character", () => {
    const long = "a".repeat(100_000);
    const strings = new StopStrings([`${long}b`, `${long}c`]);
    // Trying every length anew would be 10 billion steps.
    expect(strings.push(long + long)).toBe(long);
    expect(strings.push("d")).toBe(`${long}d`);
  });

  it("are refused where no text holds them", () => {
    expect(() => new StopStrings([""])).toThrow(
      "StopStrings: expected a stop string with a character, got an empty one",
    );
    expect(() => new StopStrings(["a\ud83d"])).toThrow(
      'StopStrings: expected stop strings of whole characters, got "a\\ud83d"',
    );
    expect(() => new StopStrings([1 as unknown as string])).toThrow("StopStrings: expected stop strings, got number");
  });
});
