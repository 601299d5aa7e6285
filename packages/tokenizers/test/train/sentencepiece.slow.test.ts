// Training against `spm_train` on whole texts: 20,000 lines in ten languages, and the files that TOKENIZER_CORPUS names (paths,
// separated as in PATH), each on its own. The models that come out are read by `spm_encode`, which must give the same ids.
//
//   npx vitest run --mode slow packages/tokenizers/test/train/sentencepiece.slow.test.ts
import { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { type SentencePieceTrainingOptions, trainSentencePiece } from "@llm-learning/tokenizers/train";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { languages, linesOf } from "../sentencepiece/multilingualLines.ts";

const LINES_PER_LANGUAGE = 2000;
/** Ids are compared on every so many lines. */
const STRIDE = 7;

const ALL: readonly SentencePieceTrainingOptions[] = [
  { modelType: "unigram", vocabSize: 8000 },
  { modelType: "unigram", vocabSize: 4000, normalizationRuleName: "nfkc_cf", byteFallback: true, splitDigits: true },
  { modelType: "unigram", vocabSize: 3000, treatWhitespaceAsSuffix: true, characterCoverage: 0.99 },
  { modelType: "unigram", vocabSize: 3000, splitByWhitespace: false, inputSentenceSize: 3000 },
  { modelType: "bpe", vocabSize: 8000 },
  { modelType: "bpe", vocabSize: 4000, normalizationRuleName: "nmt_nfkc_cf", byteFallback: true },
  { modelType: "bpe", vocabSize: 3000, splitByUnicodeScript: false, splitByNumber: false },
  { modelType: "bpe", vocabSize: 3000, splitByWhitespace: false, inputSentenceSize: 3000, shuffleInputSentence: false },
  { modelType: "bpe", vocabSize: 3000, removeExtraWhitespaces: false, allowWhitespaceOnlyPieces: true },
  { modelType: "word", vocabSize: 8000 },
  { modelType: "char", vocabSize: 8000 },
];

const isThere = hasSentencePiece();
const folder = mkdtempSync(join(tmpdir(), "sentencepiece-training-"));
afterAll(() => rmSync(folder, { recursive: true }));

const texts: readonly { readonly name: string; readonly lines: readonly string[] }[] = [
  { name: "ten languages", lines: languages.flatMap((language) => linesOf(language, LINES_PER_LANGUAGE)) },
  ...(process.env["TOKENIZER_CORPUS"] ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((path) => ({ name: basename(path), lines: readFileSync(path, "utf8").split("\n") })),
];

describe.skipIf(!isThere)(`against spm_train${isThere ? "" : ", which is not on PATH: skipped"}`, () => {
  describe.each(texts)("on $name", ({ lines }) => {
    test.each(ALL)("%j", { timeout: 600_000 }, async (given) => {
      const options = { ...given, hardVocabLimit: false };
      const corpus = join(folder, "corpus.txt");
      writeFileSync(corpus, lines.join("\n"));
      const began = performance.now();
      const ours = await trainSentencePiece(lines, options);
      const between = performance.now();
      const prefix = join(folder, "theirs");
      const flags = [`--input=${corpus}`, `--model_prefix=${prefix}`, "--num_threads=1", "--minloglevel=2"];
      run("spm_train", [...flags, ...flagsOf(options)]);
      const [time, theirTime] = [between - began, performance.now() - between].map((span) => (span / 1000).toFixed(2));
      console.log(`${JSON.stringify(given)}: ${time} s, spm_train ${theirTime} s`);
      const theirs = SentencePieceProcessor.fromBytes(new Uint8Array(readFileSync(`${prefix}.model`)));
      expect(piecesOf(ours)).toEqual(piecesOf(theirs));
      expect(largestDifference(ours, theirs)).toBeLessThan(1e-4);

      const own = join(folder, "ours.model");
      writeFileSync(own, ours.toBytes());
      const some = lines.filter((line, i) => i % STRIDE === 0 && !line.includes("\0"));
      const input = some.map((line) => `${line}\n`).join("");
      const expected = run("spm_encode", [`--model=${own}`, "--output_format=id"], input).split("\n");
      expect(some.filter((line, i) => ours.encode(line).join(" ") !== expected[i])).toEqual([]);
    });
  });
});

function flagsOf(options: SentencePieceTrainingOptions): string[] {
  return Object.entries(options).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${value}`,
  );
}

function piecesOf(processor: SentencePieceProcessor): string[] {
  return Array.from({ length: processor.vocabSize }, (_, id) => processor.idToPiece(id));
}

function largestDifference(a: SentencePieceProcessor, b: SentencePieceProcessor): number {
  let largest = 0;
  for (let id = 0; id < a.vocabSize; id++) largest = Math.max(largest, Math.abs(a.getScore(id) - b.getScore(id)));
  return largest;
}

/** Runs a command line tool of SentencePiece; gives what it prints. */
function run(tool: string, args: readonly string[], input = ""): string {
  return execFileSync(tool, args, { input, maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", "ignore"] }).toString();
}

function hasSentencePiece(): boolean {
  try {
    run("spm_train", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
