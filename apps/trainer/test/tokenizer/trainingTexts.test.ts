import { trainBpe } from "@llm-learning/tokenizers/train";
import { describe, expect, it } from "vitest";
import { documentsOf, linesOf, type TrainingText } from "../../src/tokenizer/trainingTexts.ts";

/** A text in parts of `length`. */
function textOf(text: string, length: number): TrainingText {
  const read = async function* () {
    for (let start = 0; start < text.length; start += length) yield text.slice(start, start + length);
  };
  return { name: "text", path: undefined, size: undefined, read };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const lines = [
  "Men went to mow,",
  "went 2 mow.",
  "",
  "  a meadow's",
  "'tis 1234567",
  "//",
  "/ a",
  "“漢字”",
  "ends ",
  "\u0085x",
  "é\u0301",
];
const text = Array.from({ length: 400 }, (_, i) => lines[(i * i + 3 * i) % lines.length]).join("\n");

describe("the documents of a text", () => {
  it.each(["r50k_base", "cl100k_base", "o200k_base"] as const)(
    "give the tokens of the whole with %s",
    async (pattern) => {
      const whole = await trainBpe([text], { vocabSize: 340, pattern });
      const documents = await all(documentsOf(textOf(text, 37), 100));
      expect(documents.length).toBeGreaterThan(20);
      expect(documents.join("")).toBe(text);
      const parts = await trainBpe(documents, { vocabSize: 340, pattern });
      expect(parts.toJSON().model.merges).toEqual(whole.toJSON().model.merges);
    },
  );

  it("are one where there is no place to cut it", async () => {
    const run = "a b. \n\n".repeat(100);
    expect(await all(documentsOf(textOf(run, 10), 50))).toEqual([run]);
  });
});

describe("the lines of a text", () => {
  it("are the same wherever its parts end", async () => {
    for (const length of [1, 2, 7, 1000]) {
      expect(await all(linesOf(textOf("a\n\nbc\r\nd", length)))).toEqual(["a", "", "bc\r", "d"]);
      expect(await all(linesOf(textOf("a\n", length)))).toEqual(["a"]);
    }
  });
});
