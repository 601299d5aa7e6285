import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { parseTokenizer, tokenizerConfig } from "@llm-learning/tokenizers";
import {
  Encoding,
  formatTiktoken,
  parseTiktoken,
  type PatternName,
  splitPattern,
} from "@llm-learning/tokenizers/tiktoken";
import { type BpeTrainingOptions, type BpeTrainingProgress, trainBpe } from "@llm-learning/tokenizers/train";
import fc from "fast-check";
import { Tiktoken } from "tiktoken";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "../tiktoken/nastyText.ts";
import { learnSlowly } from "./slowTrainer.ts";

interface Trained {
  corpus: string;
  pattern: PatternName;
  vocabSize: number;
  minFrequency: number;
  maxTokenLength: number | null;
  merges: string[];
  size: number;
  encoded: { text: string; ids: number[] }[];
}

/** What Hugging Face's Python library trained on small texts; written by make_train.py. */
const { corpora, trained }: { corpora: Record<string, string[]>; trained: Trained[] } = JSON.parse(
  gunzipSync(readFileSync(new URL("fixtures/train.json.gz", import.meta.url))).toString(),
);
const english = corpora["English"] ?? [];

async function mergesOf(documents: Iterable<string> | AsyncIterable<string>, options: BpeTrainingOptions) {
  const { model } = (await trainBpe(documents, options)).toJSON();
  return model.merges.map((merge) => merge.join(" "));
}

describe("merges are those of Hugging Face's trainer", () => {
  test.each(trained)(
    "$corpus, $pattern, $vocabSize ids, min_frequency $minFrequency, max_token_length $maxTokenLength",
    async ({ corpus, pattern, vocabSize, minFrequency, maxTokenLength, ...expected }) => {
      // There, tokens of three bytes and more have to be shorter than the limit.
      const maxTokenBytes = maxTokenLength === null ? Infinity : maxTokenLength - 1;
      const options = { vocabSize, pattern, minFrequency, maxTokenBytes };
      const tokenizer = await trainBpe(corpora[corpus] ?? [], options);
      expect(tokenizer.toJSON().model.merges.map((merge) => merge.join(" "))).toEqual(expected.merges);
      expect(tokenizer.vocabSize).toBe(expected.size);
      for (const { text, ids } of expected.encoded) expect([...tokenizer.encode(text)], text).toEqual(ids);
    },
  );

  test("as a slow trainer finds them that counts all pairs anew for each merge", async () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "é"), maxLength: 12 });
    const documents = fc.array(
      fc.array(word, { maxLength: 8 }).map((words) => words.join(" ")),
      { maxLength: 6 },
    );
    const limits = fc.record({
      minFrequency: fc.nat(4),
      maxTokenBytes: fc.constantFrom(2, 3, 5, Infinity),
      maxPieceBytes: fc.constantFrom(4, 9, Infinity),
    });
    await fc.assert(
      fc.asyncProperty(documents, limits, async (texts, { maxPieceBytes, ...rest }) => {
        const options = { vocabSize: 300, pattern: "r50k_base", maxPieceBytes, ...rest } as const;
        const pieces = texts
          .flatMap((text) => text.match(/ ?[^ ]+| +(?![^ ])| /g) ?? [])
          .filter((piece) => Buffer.byteLength(piece) <= maxPieceBytes);
        expect(await mergesOf(texts, options)).toEqual(learnSlowly(pieces, { merges: 44, ...rest }));
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

describe("documents", () => {
  const options = { vocabSize: 600, specialTokens: ["<|endoftext|>"] } as const;
  const lines = [...english.join("").matchAll(/.*\n+/g)].map(([line]) => line);

  test("give the same tokenizer in any order, and from a generator or an asynchronous one", async () => {
    const expected = JSON.stringify(await trainBpe(lines, options));
    async function* later() {
      for (const line of lines) yield line;
    }
    function* now() {
      yield* lines.toReversed();
    }
    expect(JSON.stringify(await trainBpe(later(), options))).toBe(expected);
    expect(JSON.stringify(await trainBpe(now(), options))).toBe(expected);
  });

  test("may be long: one of a megabyte has the pieces of its lines", async () => {
    const pick = integers(3);
    const line = () =>
      `${english[0]?.slice(pick(9000)).slice(0, 300).replaceAll("\n", " ").trim()} ${pick(1e6)} 中文 é\n`;
    const many = Array.from({ length: 3000 }, line);
    const whole = many.join("");
    expect(whole.length).toBeGreaterThan(5e5);
    for (const pattern of ["r50k_base", "cl100k_base", "o200k_base"] as const) {
      const longOptions = { vocabSize: 1500, pattern };
      expect(await mergesOf([whole], longOptions)).toEqual(await mergesOf(many, longOptions));
    }
  });

  test("a piece of hundreds of thousands of letters is one like any other", async () => {
    const merges = await mergesOf(["a".repeat(1e5)], { vocabSize: 300 });
    expect(merges.slice(0, 3)).toEqual(["a a", "aa aa", "aaaa aaaa"]);
    const pick = integers(1);
    const letters = Array.from({ length: 3e5 }, () => String.fromCharCode(97 + pick(26))).join("");
    expect(await mergesOf([letters], { vocabSize: 400 })).toHaveLength(144);
  });

  test("lone surrogates count as U+FFFD, also where a long document is cut into parts", async () => {
    const filler = "x".repeat(65_535);
    const broken = [`${filler}\ud83d\ude00`, `${filler}\ud800\ud83d\ude00`, "\udc00 \ud800"];
    const mended = broken.map((text) => Buffer.from(text).toString());
    expect(await mergesOf(broken, { vocabSize: 300 })).toEqual(await mergesOf(mended, { vocabSize: 300 }));
  });

  test("that are none leave the bytes and the special tokens", async () => {
    const tokenizer = await trainBpe([], { vocabSize: 1000, specialTokens: ["<|end|>", "<|pad|>"] });
    expect(tokenizer.vocabSize).toBe(258);
    expect([...tokenizer.encode("!\u00a1<|pad|>")]).toEqual([0, 126, 94, 257]);
  });
});

describe("what is saved", async () => {
  const specialTokens = ["<|endoftext|>", "<|pad|>"];
  const pick = integers(7);
  // Not those whose characters newer versions of Unicode class otherwise, nor white space that JavaScript has another idea of.
  const texts = Array.from({ length: 1000 }, () => nastyText(pick)).filter(
    (text) => !/[^\0-\u00ff\u0400-\u04ff\u3000-\u9fa5\uac00-\ud7a3]|[\u0085\u00a0]/.test(text),
  );
  const tokenizer = await trainBpe(Object.values(corpora).flat(), { vocabSize: 900, specialTokens });
  const idsOf = (text: string) => [...tokenizer.encode(text)];

  test("has the special tokens after the merges", () => {
    expect(tokenizer.vocabSize).toBe(900);
    expect([...tokenizer.specialTokens]).toEqual([
      ["<|endoftext|>", 898],
      ["<|pad|>", 899],
    ]);
    expect(tokenizer.toJSON().model.merges).toHaveLength(900 - 256 - 2);
  });

  test("as tokenizer.json is read back, and by Hugging Face's JavaScript library, with the same ids", () => {
    const read = parseTokenizer(JSON.stringify(tokenizer));
    const config = tokenizerConfig(tokenizer, { modelMaxLength: 64 });
    const theirs = new HuggingFaceTokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)));
    for (const text of texts) {
      expect([...read.encode(text)]).toEqual(idsOf(text));
      expect(theirs.encode(text, { add_special_tokens: false }).ids, text).toEqual(idsOf(text));
    }
  });

  test("as .tiktoken is read back, and by the npm tiktoken, with the same ids", () => {
    const file = formatTiktoken(tokenizer.encoding);
    const ranks = parseTiktoken(file);
    const specials = Object.fromEntries(tokenizer.specialTokens);
    const read = new Encoding({ name: "read", pattern: "cl100k_base", ranks, specialTokens: specials });
    // Its constructor takes the base64 of all ranks from 0 on in one line.
    const oneLine = `! 0 ${file.replaceAll(/ \d+\n/g, " ").trim()}`;
    const pattern =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    const theirs = new Tiktoken(oneLine, specials, pattern);
    for (const text of texts) {
      expect([...read.encode(text, { allowedSpecial: "all" })]).toEqual(idsOf(text));
      expect([...theirs.encode(text, "all")], text).toEqual(idsOf(text));
    }
    theirs.free();
  });
});

describe("progress and abort", () => {
  const options = { vocabSize: 2000, pattern: "r50k_base" } as const;

  test("progress counts bytes of text, then merges, and ends each phase with its total", async () => {
    const seen: BpeTrainingProgress[] = [];
    const text = english.join("");
    await trainBpe([text, "é"], { ...options, onProgress: (progress) => void seen.push(progress) });
    const counting = seen.filter(({ phase }) => phase === "count");
    const merging = seen.filter(({ phase }) => phase === "merge");
    expect(seen).toEqual([...counting, ...merging]);
    const length = Buffer.byteLength(text) + 2;
    expect(counting.at(-1)).toEqual({ phase: "count", done: length, total: length, pieces: expect.any(Number) });
    expect(merging.at(-1)).toMatchObject({ phase: "merge", done: 1744, total: 1744 });
  });

  test("an error of onProgress or of the documents ends the training, and the documents are closed", async () => {
    let isClosed = false;
    function* documents() {
      try {
        for (;;) yield english.join("");
      } finally {
        isClosed = true;
      }
    }
    const onProgress = () => {
      throw new Error("no more");
    };
    await expect(trainBpe(documents(), { ...options, onProgress })).rejects.toThrow("no more");
    expect(isClosed).toBe(true);
    async function* broken() {
      yield "a";
      throw new Error("cannot read");
    }
    await expect(trainBpe(broken(), options)).rejects.toThrow("cannot read");
  });

  test("a signal that is aborted already, or while documents are counted, ends it with its reason", async () => {
    await expect(trainBpe(["a"], { ...options, signal: AbortSignal.abort("no") })).rejects.toBe("no");
    let isClosed = false;
    function* endless() {
      try {
        for (;;) yield english.join("");
      } finally {
        isClosed = true;
      }
    }
    const signal = AbortSignal.timeout(100);
    await expect(trainBpe(endless(), { ...options, signal })).rejects.toThrow("due to timeout");
    expect(isClosed).toBe(true);
  });

  test("an abort does not wait for documents that never come", async () => {
    const controller = new AbortController();
    async function* stalled() {
      yield "a";
      controller.abort();
      await new Promise(() => {});
    }
    await expect(trainBpe(stalled(), { ...options, signal: controller.signal })).rejects.toThrow("aborted");
  });

  test("an abort while merges are made ends it too", async () => {
    const controller = new AbortController();
    const onProgress = ({ phase }: BpeTrainingProgress) => {
      if (phase === "merge") controller.abort("enough");
    };
    const training = trainBpe(english, { ...options, signal: controller.signal, onProgress });
    await expect(training).rejects.toBe("enough");
  });
});

describe("refusals", () => {
  test.each<[string, unknown, unknown, string]>([
    ["no vocabSize", [], {}, "trainBpe: expected vocabSize to be an integer from 256 (256 bytes and 0 special tokens)"],
    ["no options", [], undefined, "trainBpe: expected options with a vocabSize, got nothing"],
    ["too few ids", [], { vocabSize: 256, specialTokens: ["<|a|>"] }, "from 257 (256 bytes and 1 special tokens)"],
    ["far too many ids", [], { vocabSize: 1e9 }, "to 16777216, got 1000000000"],
    ["half an id", [], { vocabSize: 300.5 }, "got 300.5"],
    [
      "an unknown pattern",
      [],
      { vocabSize: 300, pattern: "p50k" },
      "expected pattern r50k_base, cl100k_base, o200k_base",
    ],
    [
      "one special token twice",
      [],
      { vocabSize: 300, specialTokens: ["<a>", "<a>"] },
      "expected distinct special tokens",
    ],
    ["a special token like a byte", [], { vocabSize: 300, specialTokens: ["Ġ"] }, "unlike the symbols of single bytes"],
    ["an empty special token", [], { vocabSize: 300, specialTokens: [""] }, "at least one character"],
    ["special tokens as a string", [], { vocabSize: 300, specialTokens: "<a>" }, "to be an array of strings"],
    ["a negative frequency", [], { vocabSize: 300, minFrequency: -1 }, "expected minFrequency to be an integer from 0"],
    ["a frequency that is none", [], { vocabSize: 300, minFrequency: Number.NaN }, "got NaN"],
    ["tokens of one byte", [], { vocabSize: 300, maxTokenBytes: 1 }, "expected maxTokenBytes to be an integer from 2"],
    ["pieces of no byte", [], { vocabSize: 300, maxPieceBytes: 0 }, "expected maxPieceBytes to be an integer from 1"],
    ["a signal that is none", [], { vocabSize: 300, signal: 1 }, "expected signal to be an AbortSignal, got 1"],
    ["progress to nobody", [], { vocabSize: 300, onProgress: 1 }, "expected onProgress to be a function, got 1"],
    ["one text", "text", { vocabSize: 300 }, "got a string; put it into an array: [text]"],
    ["no documents", undefined, { vocabSize: 300 }, "expected an iterable of documents, got nothing"],
    ["a number", 7, { vocabSize: 300 }, "expected an iterable of documents, got 7"],
    ["a document that is none", ["a", 7], { vocabSize: 300 }, "trainBpe: expected documents to be strings, got 7"],
  ])("%s", async (_, documents, options, message) => {
    await expect(trainBpe(documents as string[], options as BpeTrainingOptions)).rejects.toThrow(message);
  });

  test("a token spelled like a special token is not made", async () => {
    const words = ["the the the the"];
    expect(await mergesOf(words, { vocabSize: 300 })).toEqual(["h e", "t he", "Ġ the"]);
    expect(await mergesOf(words, { vocabSize: 300, specialTokens: ["the"] })).toEqual(["h e", "Ġ t", "Ġt he"]);
  });
});

describe("patterns of one's own", () => {
  const ranksOf = async (pattern: BpeTrainingOptions["pattern"]) =>
    formatTiktoken((await trainBpe(english, { vocabSize: 400, ...(pattern && { pattern }) })).encoding);

  test("that mean the same as one by name give the same tokens", async () => {
    const gpt2 = String.raw`(?:'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)`;
    expect(await ranksOf(splitPattern(gpt2))).toBe(await ranksOf("r50k_base"));
  });

  test("leave out what they do not match", async () => {
    const { encoding } = await trainBpe(["aab aab 12 12 12"], { vocabSize: 258, pattern: splitPattern("[a-z]+") });
    // "aa" and "aab"; "12", which comes as often, is in no piece.
    expect(encoding.encodeSingleToken("aa")).toBe(256);
    expect(encoding.encodeSingleToken("aab")).toBe(257);
    expect([...encoding.encode("aab 12")]).toEqual([257]);
  });
});
