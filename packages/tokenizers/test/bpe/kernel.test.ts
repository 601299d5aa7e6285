// The compiled loop and the one in JavaScript must give the same ids. The second is what runs where there is no WebAssembly.
import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { Encoding, encodingDefinitions, parseTiktoken } from "@llm-learning/tokenizers/tiktoken";
import { afterEach, describe, expect, test, vi } from "vitest";
import { integers, nastyText } from "../tiktoken/nastyText.ts";
import { openAiEncoding, readRanks } from "../tiktoken/openAiFiles.ts";

afterEach(() => vi.unstubAllGlobals());

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** An encoding of OpenAI's without the kernel. */
function scripted(name: "r50k_base" | "cl100k_base" | "o200k_base"): Encoding {
  const options = { name, ...encodingDefinitions[name], ranks: parseTiktoken(readRanks(name)) };
  vi.stubGlobal("WebAssembly", undefined);
  const encoding = new Encoding(options);
  encoding.encode("");
  return encoding;
}

describe.each(["r50k_base", "cl100k_base", "o200k_base"] as const)("%s", (name) => {
  test("2000 random texts and runs of every length around the limits give the same ids", { timeout: 120_000 }, () => {
    const plain = scripted(name);
    vi.unstubAllGlobals();
    const compiled = openAiEncoding(name);
    const pick = integers(11);
    for (let round = 0; round < 2000; round++) {
      const text = nastyText(pick) + nastyText(pick);
      expect(compiled.encodeOrdinary(text), text).toEqual(plain.encodeOrdinary(text));
    }
    for (const part of ["a", "A", " ", "\n", "0", "!", "é", "中", "\u0301", "😀", "a1 ", "Ab"]) {
      for (const length of [1, 7, 8, 9, 15, 16, 17, 255, 511, 512, 513, 2000]) {
        for (const text of [part.repeat(length), ` ${part.repeat(length)}'s`]) {
          expect(compiled.encodeOrdinary(text), text.slice(0, 20)).toEqual(plain.encodeOrdinary(text));
        }
      }
    }
  });
});

describe("the kernel's tables and memory", () => {
  const encoding = openAiEncoding("cl100k_base");

  test("begin anew when they are full, with the same ids before and after", { timeout: 120_000 }, () => {
    const plain = scripted("cl100k_base");
    vi.unstubAllGlobals();
    const pick = integers(5);
    const word = () => Array.from({ length: 3 + pick(12) }, () => String.fromCharCode(97 + pick(26))).join("");
    // More distinct words than either table holds.
    const text = Array.from({ length: 260_000 }, word).join(" ");
    const expected = plain.encodeOrdinary(text);
    for (const round of ["filling", "filled"]) {
      const ids = encoding.encodeOrdinary(text);
      // A million ids are compared at once: as bytes that takes no time.
      expect(Buffer.compare(bytesOf(ids), bytesOf(expected)), round).toBe(0);
    }
  });

  test("grow for a long text and are given back after it", () => {
    const long = "Once upon a midnight dreary, ".repeat(400_000);
    expect(encoding.decode(encoding.encode(long))).toBe(long);
    expect([...encoding.encode("hello world")]).toEqual([15339, 1917]);
  });

  test("a piece with more ids than are kept is encoded each time", () => {
    // tiktoken 0.14.0: 125,000 times 45202 for a million of them.
    for (let round = 0; round < 2; round++) {
      const ids = encoding.encodeOrdinary(`x ${"x".repeat(80_000)} y`);
      expect(ids.filter((id) => id === 45202).length).toBeGreaterThan(9990);
      expect(encoding.decode(ids)).toBe(`x ${"x".repeat(80_000)} y`);
    }
  });
});

test("numbers of one digit each, as Qwen has them", () => {
  const symbols = [..."0123456789abc!", "Ġ"];
  const file = {
    version: "1.0",
    model: {
      type: "BPE",
      vocab: Object.fromEntries([...symbols, "12", "ab", "Ġa"].map((token, id) => [token, id])),
      merges: ["1 2", "a b", "Ġ a"],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: {
            Regex: String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
          },
          behavior: "Isolated",
          invert: false,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    decoder: { type: "ByteLevel" },
  };
  const ids = [...Tokenizer.fromJSON(file).encode("12ab 1 ab!12").ids];
  vi.stubGlobal("WebAssembly", undefined);
  expect([...Tokenizer.fromJSON(file).encode("12ab 1 ab!12").ids]).toEqual(ids);
  // "1", "2", "ab", " ", "1", " ab" as " " and "ab", "!", "1", "2": no two digits are merged.
  expect(ids).toEqual([1, 2, 16, 14, 1, 14, 16, 13, 1, 2]);
});
