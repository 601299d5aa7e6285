import { boundaryToken, documentsOf, encodeDocuments, splitDocuments } from "@llm-learning/datasets";
import { bundledNames } from "@llm-learning/datasets/node";
import { BpeTokenizer, ByteTokenizer, CharacterTokenizer } from "@llm-learning/tokenizers";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

describe("splitDocuments", () => {
  const documents = Array.from({ length: 25 }, (_, index) => `document ${index}`);

  test("keeps every document once, in parts of 80, 10 and 10 percent", () => {
    const { train, validation, test } = splitDocuments(documents);
    // floor(0.8 * 25), floor(0.9 * 25)
    expect([train.length, validation.length, test.length]).toEqual([20, 2, 3]);
    expect([...train, ...validation, ...test].toSorted()).toEqual(documents.toSorted());
  });

  test("depends on the seed, and leaves the documents given as they are", () => {
    const before = [...documents];
    expect(splitDocuments(documents, { seed: 1 }).train).not.toEqual(splitDocuments(documents).train);
    expect(splitDocuments(documents, { seed: 42 })).toEqual(splitDocuments(documents));
    expect(documents).toEqual(before);
  });

  test("takes other shares as they are written, whatever their sum rounds to", () => {
    // 1 - 0.1 - 0.2 is 0.7000000000000001, and 1 - 0.3 - 0.3 is 0.39999999999999997.
    const ten = documents.slice(0, 10);
    const sizes = (validationFraction: number, testFraction: number): number[] =>
      Object.values(splitDocuments(ten, { validationFraction, testFraction })).map((part: string[]) => part.length);
    expect(sizes(0.2, 0.1)).toEqual([7, 2, 1]);
    expect(sizes(0.3, 0.3)).toEqual([4, 3, 3]);
    expect(sizes(0.5, 0)).toEqual([5, 5, 0]);
  });

  test("refuses shares that leave nothing, and too few documents", () => {
    expect(() => splitDocuments(documents, { validationFraction: 1 })).toThrow(
      "splitDocuments: expected validationFraction from 0 to below 1, got 1",
    );
    expect(() => splitDocuments(documents, { validationFraction: 0.5, testFraction: 0.5 })).toThrow(
      "splitDocuments: expected validationFraction and testFraction that leave something to train on, got 0.5 and 0.5",
    );
    expect(() => splitDocuments(["a", "b"])).toThrow(
      "splitDocuments: expected documents for a training and a validation part, got 2, which leaves 1 and 0: use more documents",
    );
  });

  // By CPython 3.11: random.seed(42); random.shuffle(words), and words[:8], words[n1], words[n2], words[-1]
  const names = fileURLToPath(new URL("../../../../shared/data/names.txt", import.meta.url));
  test.skipIf(!existsSync(names))("is the lectures' own on their names, where those lie beside the repository", () => {
    const split = splitDocuments(documentsOf(readFileSync(names, "utf8")));
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([25626, 3203, 3204]);
    const first = ["yuheng", "diondre", "xavien", "jori", "juanluis", "erandi", "phia", "samatha"];
    expect(split.train.slice(0, 8)).toEqual(first);
    expect([split.validation[0], split.test[0], split.test.at(-1)]).toEqual(["amay", "mustafa", "yovani"]);
    // "Build the dataset" in the lecture prints these numbers of examples: a letter or an end each.
    const sizes = Object.values(split).map((part: string[]) => part.join(".").length + 1);
    expect(sizes).toEqual([182625, 22655, 22866]);
  });
});

describe("documentsOf", () => {
  test("reads lines with either line end, and passes over empty ones", () => {
    expect(documentsOf("emma\r\nolivia\n\nava")).toEqual(["emma", "olivia", "ava"]);
    expect(documentsOf("\n\r\n")).toEqual([]);
  });
});

describe("encodeDocuments", () => {
  const tokenizer = CharacterTokenizer.fromText("ab\nc\n");

  test("puts the boundary behind each document", () => {
    expect(boundaryToken(tokenizer)).toBe(0);
    expect(encodeDocuments(["ab", "c"], tokenizer)).toEqual(new Uint16Array([1, 2, 0, 3, 0]));
    expect(boundaryToken(new ByteTokenizer())).toBe(10);
    expect(encodeDocuments([], tokenizer)).toEqual(new Uint16Array());
  });

  test("encodes each by itself: no token holds text of two", () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    const ranks = [...bytes, ...["ab", "b\n"].map((token) => new TextEncoder().encode(token))];
    const bpe = new BpeTokenizer(new Encoding({ name: "tiny", pattern: "cl100k_base", ranks, specialTokens: {} }));
    expect(encodeDocuments(["ab", "b"], bpe)).toEqual(new Uint16Array([256, 10, 98, 10]));
  });

  test("refuses a document with a line end in it, and a tokenizer that has no single token for one", () => {
    expect(() => encodeDocuments(["a\nb"], tokenizer)).toThrow(
      'encodeDocuments: expected documents of one line, got "a\\nb" with a line end in it',
    );
    expect(() => boundaryToken({ encode: () => new Uint32Array(2) })).toThrow(
      "boundaryToken: expected a tokenizer that makes one token of a line end, the boundary of documents, got one that makes 2",
    );
  });
});

test("the bundled names are 8,849 lines of 53 kinds of characters", async () => {
  const text = await bundledNames();
  const names = documentsOf(text);
  expect(names).toHaveLength(8849);
  expect(new Set(names.join("")).size).toBe(53);
  expect(Math.max(...names.map((name) => name.length))).toBe(15);
  expect([names[0], names.at(-1), text.at(-1)]).toEqual(["Aaren", "Zolly", "\n"]);
});
