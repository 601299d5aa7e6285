import {
  type NormalizationRuleName,
  type SentencePieceTrainingOptions,
  trainSentencePiece,
} from "@llm-learning/tokenizers/train";
import { readModelProto, SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

interface TrainingCase {
  readonly corpus: string;
  readonly options: SentencePieceTrainingOptions;
  readonly pieces: readonly string[];
  /** Absent where a score says no more than the place in the list. */
  readonly scores: readonly number[] | null;
}

interface TrainingFixture {
  readonly corpora: Readonly<Record<string, string>>;
  readonly cases: readonly TrainingCase[];
  /** SHA-256 of the compiled rules of each rule set. */
  readonly charsmaps: Readonly<Record<NormalizationRuleName, string>>;
}

// Written by fixtures/make_sentencepiece_training.py with C++ SentencePiece 0.1.97.
const { corpora, cases, charsmaps }: TrainingFixture = JSON.parse(
  gunzipSync(readFileSync(new URL("fixtures/sentencepiece_training.json.gz", import.meta.url))).toString(),
);
const linesOf = (corpus: string) => corpora[corpus]!.split("\n");

describe("trainSentencePiece, against C++ SentencePiece", () => {
  it.each(cases)("learns the same pieces of $corpus with $options", async ({ corpus, options, pieces, scores }) => {
    const processor = await trainSentencePiece(linesOf(corpus), options);
    expect(allPieces(processor)).toEqual(pieces);
    if (scores === null) return;
    const difference = scores.map((score, id) => Math.abs(score - processor.getScore(id)));
    // Sums and logarithms in single precision.
    expect(Math.max(...difference)).toBeLessThan(1e-4);
  });
});

describe("the rule sets", () => {
  it.each(Object.keys(charsmaps) as NormalizationRuleName[])("compile %s to the original's bytes", async (name) => {
    const options = { modelType: "char", normalizationRuleName: name } as const;
    const { normalizerSpec } = readModelProto((await trainSentencePiece(["a"], options)).toBytes());
    const hash = createHash("sha256").update(normalizerSpec!.precompiledCharsmap!).digest("hex");
    expect(hash).toBe(charsmaps[name]);
  });
});

describe("trainSentencePiece", () => {
  it("gives a processor that comes back from its bytes", async () => {
    const processor = await trainSentencePiece(linesOf("novel"), { modelType: "bpe", vocabSize: 300 });
    const again = SentencePieceProcessor.fromBytes(processor.toBytes());
    const text = "Because of an hereditary recklessness";
    expect(again.encode(text)).toEqual(processor.encode(text));
    expect(processor.decode(processor.encode(text))).toBe(text);
  });

  it("takes an asynchronous source as it takes an array", async () => {
    async function* lines() {
      yield* linesOf("repeats");
    }
    const options = { modelType: "bpe", vocabSize: 60, normalizationRuleName: "identity" } as const;
    const streamed = await trainSentencePiece(lines(), options);
    expect(streamed.toBytes()).toEqual((await trainSentencePiece(linesOf("repeats"), options)).toBytes());
  });

  it("reports how many sentences it passes over, and why", async () => {
    const reports: unknown[] = [];
    await trainSentencePiece(["a".repeat(4193), "b\u2585", "a b", ""], {
      modelType: "char",
      onProgress: (progress) => reports.push(progress),
    });
    expect(reports).toEqual([{ phase: "read", done: 1, total: 1, tooLong: 1, reserved: 1 }]);
  });

  it("keeps rules for decoding, and sentences with their pieces", async () => {
    const processor = await trainSentencePiece(linesOf("repeats"), {
      modelType: "bpe",
      vocabSize: 60,
      normalizationRuleTsv: "62\t63",
      denormalizationRuleTsv: "61\t41\nU+0063\tU+0042 U+0062\n",
      selfTestSampleSize: 5,
    });
    expect(processor.normalize("ab")).toBe("\u2581ac");
    expect(processor.decode(processor.encode("ab"))).toBe("ABb");
    const { selfTestData, denormalizerSpec } = readModelProto(processor.toBytes());
    expect(denormalizerSpec).toMatchObject({ name: "user_defined", addDummyPrefix: false, escapeWhitespaces: false });
    expect(selfTestData?.samples).toHaveLength(5);
    for (const { input = "", expected } of selfTestData?.samples ?? []) {
      expect(linesOf("repeats")).toContain(input);
      expect(processor.encodeWithOffsets(input).pieces.join(" ")).toBe(expected);
    }
  });

  it("does not wait for a source that hangs", async () => {
    const controller = new AbortController();
    async function* lines() {
      yield "one line";
      await new Promise(() => {});
    }
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(trainSentencePiece(lines(), { signal: controller.signal })).rejects.toThrow("enough");
  });

  it("ends when its signal is aborted", async () => {
    const controller = new AbortController();
    function* lines() {
      for (;;) yield "to be or not to be";
    }
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(trainSentencePiece(lines(), { signal: controller.signal })).rejects.toThrow("enough");
  });

  it.each([
    [
      { modelType: "bpe", vocabSize: 5000 },
      "expected vocabSize of at most 489, which is what this text gives, got 5000; set it lower",
    ],
    [
      { modelType: "bpe", vocabSize: 4 },
      "expected vocabSize of at least 6 (3 characters and 3 reserved pieces), got 4; set it higher",
    ],
    [{ modelType: "word", vocabSize: 5000 }, "expected vocabSize of at most 297, which is what this text gives"],
    [{ modelType: "letters" }, 'expected modelType to be one of unigram, bpe, word, char, got "letters"'],
    [{ vocabSize: 0 }, "expected vocabSize to be an integer from 1 to 16777216, got 0"],
    [{ vocabSize: "8000" }, 'expected vocabSize to be a number, got "8000"'],
    [{ characterCoverage: 0.5 }, "expected characterCoverage to be a number from 0.98 to 1, got 0.5"],
    [{ inputSentenceSize: 7 }, "expected inputSentenceSize to be 0 (all sentences) or more than 100, got 7"],
    [{ modelType: "bpe", useAllVocab: true }, 'expected useAllVocab to be false for modelType "bpe"'],
    [{ controlSymbols: "<sep>" }, 'expected controlSymbols to be an array of strings, got "<sep>"'],
    [{ controlSymbols: ["<sep>", "<sep>"] }, 'expected each symbol once, got "<sep>" twice'],
    [{ controlSymbols: ["<unk>"] }, 'expected symbols other than the unknown piece, got "<unk>"'],
    [{ bosId: 0 }, 'expected bosId to be an id of its own, got 0, which is that of "<unk>"'],
    [{ byteFallback: true, vocabSize: 200 }, "expected vocabSize of at least the 259 reserved pieces, got 200"],
    [
      { modelType: "char", padId: 90 },
      'expected ids of reserved pieces below the 7 pieces that this text gives, got 90 for "<pad>"',
    ],
    [
      { normalizationRuleTsv: "61\t62\nxyz" },
      "expected normalizationRuleTsv line 2 to have code points in hexadecimal",
    ],
    [{ denormalizationRuleTsv: "\t61" }, "expected denormalizationRuleTsv line 1 to begin with a code point"],
    [{ selfTestSampleSize: 1001 }, "expected selfTestSampleSize to be an integer from 0 to 1000, got 1001"],
    [{ modelType: "char", requiredChars: "\u2585" }, "expected requiredChars without U+2585"],
  ])("refuses %j", async (options, message) => {
    const training = trainSentencePiece(linesOf("repeats"), options as SentencePieceTrainingOptions);
    await expect(training).rejects.toThrow(`trainSentencePiece: ${message}`);
  });

  it.each([
    ["a line", 'expected an iterable of sentences, got a string; split it: text.split("\\n")'],
    [7, "expected an iterable of sentences, got 7"],
    [["a", 7], "expected sentences to be strings, got 7"],
    [["", ""], "expected sentences with characters, got 0 without any"],
  ])("refuses %j as sentences", async (sentences, message) => {
    await expect(trainSentencePiece(sentences as string[])).rejects.toThrow(`trainSentencePiece: ${message}`);
  });
});

function allPieces(processor: SentencePieceProcessor): string[] {
  return Array.from({ length: processor.vocabSize }, (_, id) => processor.idToPiece(id));
}
