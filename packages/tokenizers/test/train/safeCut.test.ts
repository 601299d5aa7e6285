import { describe, expect, test } from "vitest";
import { isSafeCut } from "../../src/train/safeCut.ts";
import { type PatternName, splittings } from "../../src/tiktoken/encodingDefinitions.ts";
import { integers, nastyText } from "../tiktoken/nastyText.ts";

const patterns = Object.keys(splittings) as PatternName[];

const splitters = Object.fromEntries(patterns.map((pattern) => [pattern, splittings[pattern].createSplitter()]));

function endsOfPieces(pattern: string, text: Uint8Array, start: number, end: number): number[] {
  const split = splitters[pattern];
  const padded = new Uint8Array(end + 8);
  padded.set(text.subarray(0, end));
  const ends: number[] = [];
  for (let at = start; at < end; ends.push(at)) at = split(padded, at, end);
  return ends;
}

describe("a place where a text can be cut", () => {
  test.each(patterns)("leaves the pieces of %s as they are", (pattern) => {
    const pick = integers(9);
    let cuts = 0;
    const differences: string[] = [];
    for (let round = 0; round < 800; round++) {
      const text = Buffer.from(nastyText(pick) + nastyText(pick));
      const padded = Buffer.concat([text, Buffer.alloc(8)]);
      const whole = endsOfPieces(pattern, text, 0, text.length);
      for (let at = 0; at <= text.length; at++) {
        if (!isSafeCut(padded, 0, at)) continue;
        cuts++;
        const halves = [...endsOfPieces(pattern, text, 0, at), ...endsOfPieces(pattern, text, at, text.length)];
        if (halves.join() !== whole.join()) differences.push(`${JSON.stringify(text.toString())} at ${at}`);
      }
    }
    expect(differences).toEqual([]);
    expect(cuts).toBeGreaterThan(5000);
  });

  test.each([
    ["the end of a word", "word next", 4],
    ["the end of a word of another script", "слово, ещё", 10],
    ["the end of a sentence", "end. Next", 4],
    ["the end of a number", "12.5", 2],
    ["the end of a line", "中文。\n中文", 10],
  ])("is %s", (_, text, at) => {
    expect(isSafeCut(Buffer.from(`${text}\0\0\0\0`), 0, at)).toBe(true);
  });

  test.each([
    ["the beginning", "word", 0],
    ["inside a word", "word", 2],
    ["inside a character", "é", 1],
    ["before a contraction", "it's", 2],
    ["before a mark", "e\u0301", 1],
    ["between digits", "12", 1],
    ["before a line feed after punctuation", "!\n", 1],
    ["among line feeds", "a\n\nb", 2],
    ["after several line feeds", "a\n\nb", 3],
    ["before a slash on a new line", "a\n/", 2],
  ])("is not %s", (_, text, at) => {
    expect(isSafeCut(Buffer.from(`${text}\0\0\0\0`), 0, at)).toBe(false);
  });
});
