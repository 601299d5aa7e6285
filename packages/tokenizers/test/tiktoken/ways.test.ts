// The other ways to call an encoding: they must all say the same as `encode`.
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { Encoding, parseTiktoken, parseVocabBpe } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "./nastyText.ts";
import { openAiEncoding, readRanks } from "./openAiFiles.ts";

const cl100k = openAiEncoding("cl100k_base");
const pick = integers(3);
const texts = ["", "hello world", "a<|endoftext|>b", ...Array.from({ length: 300 }, () => nastyText(pick))];
const all = { allowedSpecial: "all" } as const;

describe("counts, arrays of the caller's and batches", () => {
  test("agree with encode", () => {
    const target = new Uint32Array(1000).fill(7);
    expect(cl100k.encodeBatch(texts, all)).toEqual(texts.map((text) => cl100k.encode(text, all)));
    expect(cl100k.encodeOrdinaryBatch(texts)).toEqual(texts.map((text) => cl100k.encodeOrdinary(text)));
    for (const text of texts) {
      const ids = cl100k.encode(text, all);
      expect(cl100k.count(text, all)).toBe(ids.length);
      expect(cl100k.encodeInto(text, target, all)).toBe(ids.length);
      expect(target.subarray(0, ids.length)).toEqual(ids);
      expect(cl100k.countUpTo(text, ids.length, all)).toBe(ids.length);
      if (ids.length > 0) expect(cl100k.countUpTo(text, ids.length - 1, all)).toBeUndefined();
      expect(cl100k.countUpTo(text, Infinity, all)).toBe(ids.length);
      expect(cl100k.encodeBytes(new TextEncoder().encode(text))).toEqual(cl100k.encodeOrdinary(text));
    }
    expect(cl100k.decodeBatch([[15339], [1917]])).toEqual(["hello", " world"]);
    expect(cl100k.decodeBytesBatch([[15339], []])).toEqual([new TextEncoder().encode("hello"), new Uint8Array()]);
  });

  test("an array that is too short is refused and left alone", () => {
    const target = Uint32Array.of(9);
    expect(() => cl100k.encodeInto("hello world", target)).toThrow(
      "encodeInto: expected room for 2 ids, got 1; text.length is nearly always enough, 3 * text.length always",
    );
    expect(target[0]).toBe(9);
    expect(() => cl100k.encodeInto("a", [] as unknown as Uint32Array)).toThrow(
      "encodeInto: expected a Uint32Array to write into, got an array of 0",
    );
    expect(() => cl100k.countUpTo("a", NaN)).toThrow("countUpTo: expected a limit from 0, got NaN");
  });

  test("a limit is found to be passed without encoding a long text", () => {
    expect(cl100k.countUpTo("word ".repeat(10_000_000), 10)).toBeUndefined();
  });
});

describe("offsets", () => {
  test("are where the bytes of each token begin and end, in each unit", () => {
    for (const text of texts) {
      const utf8 = new TextEncoder().encode(text);
      const wellFormed = decodeUtf8(utf8);
      const { ids, offsets, ends } = cl100k.encodeWithOffsets(text, { unit: "byte", ...all });
      expect(ids).toEqual(cl100k.encode(text, all));
      const utf16 = cl100k.encodeWithOffsets(text, all);
      const codePoints = cl100k.encodeWithOffsets(text, { unit: "codepoint", ...all });
      const tokens = cl100k.decodeTokensBytes(ids);
      for (const [at, token] of tokens.entries()) {
        expect(utf8.subarray(offsets[at], ends[at])).toEqual(token);
        // The whole characters that have bytes of the token.
        const characters = charactersBetween(utf8, offsets[at]!, ends[at]!);
        expect(wellFormed.slice(utf16.offsets[at], utf16.ends[at])).toBe(characters);
        expect([...wellFormed].slice(codePoints.offsets[at], codePoints.ends[at]).join("")).toBe(characters);
      }
    }
  });

  test("of a character of two units whose bytes are three tokens", () => {
    const { ids, offsets, ends } = cl100k.encodeWithOffsets("a👩b");
    expect(cl100k.decodeTokensBytes(ids).map((token) => token.length)).toEqual([1, 2, 1, 1, 1]);
    expect([...offsets]).toEqual([0, 1, 1, 1, 3]);
    expect([...ends]).toEqual([1, 3, 3, 3, 4]);
  });

  test("decoding gives the same", () => {
    for (const text of texts) {
      const { ids, offsets, ends } = cl100k.encodeWithOffsets(text, all);
      expect(cl100k.decodeWithOffsets(ids)).toEqual({
        text: decodeUtf8(new TextEncoder().encode(text)),
        offsets,
        ends,
      });
    }
    expect(() => cl100k.encodeWithOffsets("a", { unit: "line" as "byte" })).toThrow(
      'encodeWithOffsets: expected the unit "utf16", "codepoint" or "byte", got "line"',
    );
  });
});

describe("vocabularies", () => {
  test("tokenByteValues are all tokens in the order of their bytes", () => {
    const values = openAiEncoding("gpt2").tokenByteValues();
    const expected = parseTiktoken(readRanks("r50k_base")).map((token) => Buffer.from(token!));
    expect(values.map((token) => Buffer.from(token))).toEqual(expected.toSorted((a, b) => Buffer.compare(a, b)));
  });

  test("explicitNVocab must count ranks and special tokens without holes", () => {
    const ranks = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    const own = { name: "own", pattern: "r50k_base", ranks, specialTokens: { "<e>": 256 } } as const;
    expect(new Encoding({ ...own, explicitNVocab: 257 }).nVocab).toBe(257);
    expect(() => new Encoding({ ...own, explicitNVocab: 256 })).toThrow(
      "Encoding: expected explicitNVocab to be the number of ranks and special tokens (257) and one more than the largest id (257), got 256",
    );
    expect(() => new Encoding({ ...own, specialTokens: { "<e>": 300 }, explicitNVocab: 301 })).toThrow("(257)");
  });

  test("GPT-2's own files give the ranks of gpt2", () => {
    const { vocabBpe, encoderJson } = gpt2Files();
    expect(parseVocabBpe(vocabBpe, encoderJson)).toEqual(parseTiktoken(readRanks("r50k_base")));
    expect(parseVocabBpe(vocabBpe.replaceAll("\n", "\r\n"))).toHaveLength(50256);
  });

  test.each([
    ["a b\nab", undefined, 'expected a merge of two earlier tokens in line 2, got "ab"'],
    ["ab c", undefined, 'expected a merge of two earlier tokens in line 1, got "ab c"'],
    ["a b\na b", undefined, 'expected every token once, got "ab" again in line 2'],
    ["a b c", undefined, "in line 1"],
    ["a b", "{", "expected encoder.json to be JSON"],
    ["a b", "[]", "expected encoder.json to be an object of ids, got an array of 0"],
    ["a b", '{"!": 1}', 'expected encoder.json to give "!" the id 0, as vocab.bpe does, got 1'],
  ])("vocab.bpe %j with encoder.json %j is refused", (vocabBpe, encoderJson, message) => {
    expect(() => parseVocabBpe(vocabBpe, encoderJson)).toThrow(message);
  });
});

/** GPT-2's two files, written from the ranks: a token's parts are what its bytes merge to without the token itself. */
function gpt2Files(): { vocabBpe: string; encoderJson: string } {
  const { model } = new BpeTokenizer(openAiEncoding("gpt2")).toJSON();
  if (model.type !== "BPE") throw new Error(`expected the BPE model, got ${model.type}`);
  const merges = model.merges.map(([left, right]) => `${left} ${right}`);
  return { vocabBpe: ["#version: 0.2", ...merges, ""].join("\n"), encoderJson: JSON.stringify(model.vocab) };
}

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function charactersBetween(utf8: Uint8Array, start: number, end: number): string {
  let [from, to] = [start, end];
  while (((utf8[from] ?? 0) & 0xc0) === 0x80) from--;
  while (((utf8[to] ?? 0) & 0xc0) === 0x80) to++;
  return decodeUtf8(utf8.subarray(from, to));
}
