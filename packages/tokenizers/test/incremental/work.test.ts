// Costs in steps (bytes cut into pieces, bytes looked at for a token), which unlike times are the same on every machine.
import { describe, expect, test } from "vitest";
import { GrowingText } from "../../src/incremental/growingText.ts";
import { PieceIntervals } from "../../src/incremental/pieceIntervals.ts";
import { PieceTokens } from "../../src/incremental/pieceTokens.ts";
import { openAiEncoding } from "../tiktoken/openAiFiles.ts";

const encoding = openAiEncoding("o200k_base");

function grown(...parts: readonly string[]): GrowingText {
  const text = new GrowingText(new PieceTokens("test", encoding));
  for (const part of parts) text.append(part);
  return text;
}

function workOf(text: GrowingText, change: () => void): number {
  const before = text.pieces.work;
  change();
  return text.pieces.work - before;
}

describe("appending unit by unit", () => {
  test.each([["a"], ["中A"], ["Aa"], [" "], ["\n "], ["!\n/"], ["é\u0301"], ["1"], ["word "], ["'s"], ["😀"]])(
    "%j repeated: twice as many units take at most 2.2 times the work",
    (unit) => {
      const [once, twice] = [4000, 8000].map((length) => {
        const text = unit.repeat(length / unit.length);
        return grown(...Array.from({ length: text.length }, (_, i) => text[i])).pieces.work;
      });
      expect(twice).toBeLessThan(2.2 * once);
    },
  );
});

describe("cutting off and adding units at the end of one very long piece", () => {
  test.each([["a"], ["中A"], ["Aa"], [" "], ["!\n/"], ["é\u0301"], ["😀"]])(
    "%j repeated: does not scan it again",
    (unit) => {
      const text = grown(unit.repeat(20_000));
      const { length } = text;
      const work = workOf(text, () => {
        for (let cut = 1; cut <= 100; cut++) {
          text.truncate(length - cut);
          text.append(unit);
        }
      });
      expect(work).toBeLessThan(100 * 3000);
    },
  );
});

describe("what a change costs", () => {
  const page = 'It\'s 12:30, the HTTPServer says: "naïve 한국어 text"\n\n    return x;\n';

  test.each([
    ["appending", (text: GrowingText) => text.append("another")],
    ["cutting off", (text: GrowingText) => text.truncate(text.length - 3)],
  ])("%s is the same at the end of a short text and of a long one", (_, change) => {
    const [short, long] = [grown(page), grown(page.repeat(1000))];
    const work = workOf(long, () => change(long));
    expect(work).toBe(workOf(short, () => change(short)));
    expect(work).toBeLessThan(200);
  });

  test("counting a part costs the same however long it is, between two words and inside of them", () => {
    const text = grown(page.repeat(1000));
    const intervals = new PieceIntervals(text.pieces);
    const { length } = text.pieces;
    const size = length / 1000;
    for (let start = 0; start < size; start += 7) {
      const costs = [3, 1000].map((pages) => {
        const before = intervals.work;
        intervals.count(text.place(start).byte, pages * size - 5);
        return intervals.work - before;
      });
      expect(costs[1]).toBe(costs[0]);
      expect(costs[1]).toBeLessThan(300);
    }
  });
});
