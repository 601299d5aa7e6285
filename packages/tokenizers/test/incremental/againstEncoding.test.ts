// Everything here is compared with encoding the same text from its beginning.
import { AppendableEncoder, IntervalCounter } from "@llm-learning/tokenizers/incremental";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "../tiktoken/nastyText.ts";
import { openAiEncoding } from "../tiktoken/openAiFiles.ts";

const ROUNDS = Number(process.env["INCREMENTAL_ROUNDS"] ?? 80);

/** Characters of each class that the patterns know; a long text of few of them is one long piece, or a few. */
const classes = [
  "a",
  "Z",
  "中",
  "\u0301",
  "1",
  " ",
  "\n",
  "\u2003",
  "'",
  "/",
  "!",
  "'s",
  "'l",
  "'v",
  "'r",
  "l",
  "e",
  "ſ",
  "é",
  "ǅ",
  "😀",
  "\r",
];

/** Text with pieces of hundreds of characters. */
function longPieces(pick: (below: number) => number): string {
  let text = "";
  for (let part = 1 + pick(4); part > 0; part--) {
    const some = Array.from({ length: 1 + pick(3) }, () => classes[pick(classes.length)]);
    for (let count = pick(2) === 0 ? pick(5) : pick(400); count > 0; count--) text += some[pick(some.length)];
  }
  return text;
}

describe.each(["gpt2", "cl100k_base", "o200k_base"] as const)("%s", (name) => {
  const encoding = openAiEncoding(name);

  test.each([
    ["nasty text", nastyText],
    ["long pieces", longPieces],
  ])("appending and truncating gives the ids of the whole text: %s", (_, randomText) => {
    const pick = integers(7);
    for (let round = 0; round < ROUNDS; round++) {
      const encoder = new AppendableEncoder(encoding);
      let text = "";
      for (let step = 0; step < 12; step++) {
        if (pick(3) === 0) text = text.slice(0, pick(text.length + 1));
        else text += pick(2) === 0 ? randomText(pick) : randomText(pick).slice(0, 1 + pick(3));
        if (text.length < encoder.length) encoder.truncate(text.length);
        else encoder.append(text.slice(encoder.length));
        const expected = encoding.encodeOrdinary(text);
        expect(encoder.count, JSON.stringify(text)).toBe(expected.length);
        expect(encoder.ids(), JSON.stringify(text)).toEqual(expected);
      }
    }
  });

  test.each([
    ["nasty text", nastyText],
    ["long pieces", longPieces],
  ])("unit by unit, every prefix has the count of its own, forwards and backwards: %s", (_, randomText) => {
    const pick = integers(8);
    for (let round = 0; round < Math.ceil(ROUNDS / 20); round++) {
      const encoder = new AppendableEncoder(encoding);
      const text = randomText(pick) + randomText(pick);
      const counts = Array.from(
        { length: text.length + 1 },
        (_, end) => encoding.encodeOrdinary(text.slice(0, end)).length,
      );
      for (let end = 1; end <= text.length; end++) {
        encoder.append(text[end - 1]);
        expect(encoder.count, JSON.stringify(text.slice(0, end))).toBe(counts[end]);
      }
      for (let end = text.length - 1; end >= 0; end--) {
        encoder.truncate(end);
        expect(encoder.count, JSON.stringify(text.slice(0, end))).toBe(counts[end]);
      }
    }
  });

  test.each([
    ["nasty text", nastyText],
    ["long pieces", longPieces],
  ])("every part has the count of its own: %s", (_, randomText) => {
    const pick = integers(9);
    for (let round = 0; round < ROUNDS; round++) {
      const text = randomText(pick) + randomText(pick);
      const counter = new IntervalCounter(encoding, text);
      for (let part = 0; part < 30; part++) {
        const start = pick(text.length + 1);
        const end = start + pick(text.length + 1 - start);
        const expected = encoding.encodeOrdinary(text.slice(start, end)).length;
        expect(counter.count(start, end), JSON.stringify([text, start, end])).toBe(expected);
      }
    }
  });
});
