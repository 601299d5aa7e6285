/**
 * A run small enough for a test: a few hundred characters, a model of a few thousand weights, twenty steps.
 */

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { type Metrics, parseMetrics, runPaths, type TrainConfig } from "@llm-learning/trainer";

/** A text with something to learn in it. */
export const tinyText: string = Array.from(
  { length: 30 },
  (_, line) => `${line} men went to mow, went to mow a meadow.\n`,
).join("");

export interface TinyFolder {
  readonly folder: string;
  /** Path of a file that holds {@link tinyText}. */
  readonly data: string;
  /** A path in the folder. */
  path(...names: string[]): string;
  remove(): void;
}

/** A temporary folder with the text in it. */
export function tinyFolder(): TinyFolder {
  const folder = mkdtempSync(join(tmpdir(), "trainer-"));
  const data = join(folder, "text.txt");
  writeFileSync(data, tinyText);
  return {
    folder,
    data,
    path: (...names) => join(folder, ...names),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The changes that make the quick start tiny. */
export function tinyConfig(data: string): Partial<TrainConfig> {
  return {
    data,
    nLayer: 1,
    nHead: 2,
    nEmbd: 16,
    blockSize: 16,
    batchSize: 4,
    maxSteps: 20,
    evalInterval: 8,
    evalBatches: 2,
    logInterval: 1,
    checkpointInterval: 6,
    sampleCount: 1,
    sampleTokens: 10,
    threads: 1,
  };
}

/** The lines of a run's metrics without the two times, which differ between equal runs. */
export function timelessMetrics(root: string): Omit<Metrics, "tokensPerSecond" | "elapsedSeconds">[] {
  return parseMetrics(readFileSync(runPaths(root).metrics, "utf8")).map((line) => {
    const { tokensPerSecond: _, elapsedSeconds: __, ...rest } = line;
    return rest;
  });
}

/** What stands for the bytes of a run's two checkpoints: megabytes take `toEqual` half a minute. */
export function checkpointDigests(root: string): { last: string; best: string } {
  const { last, best } = runPaths(root);
  return { last: sha256(readFileSync(last)), best: sha256(readFileSync(best)) };
}

/** The SHA-256 digest of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A byte-level BPE tokenizer with a few merges of {@link tinyText}, and a special token. */
export function tinyBpe(): BpeTokenizer {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  const merges = ["en", "ow", " m", " t", " w", "ent", " to", " went", " men", " mow"];
  const ranks = [...bytes, ...merges.map((token) => new TextEncoder().encode(token))];
  const specialTokens = { "<|endoftext|>": ranks.length };
  return new BpeTokenizer(new Encoding({ name: "tiny", pattern: "cl100k_base", ranks, specialTokens }));
}

/** A tokenizer.json that none of the library's own tokenizers means: words in lower case, in pieces, with marks around the text. */
export const tinyWordPiece: object = {
  version: "1.0",
  truncation: { direction: "Right", max_length: 4, strategy: "LongestFirst", stride: 0 },
  padding: null,
  added_tokens: ["[UNK]", "[CLS]", "[SEP]"].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [2], tokens: ["[SEP]"] },
    },
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(
      ["[UNK]", "[CLS]", "[SEP]", "men", "went", "to", "mo", "##w", "a", "meadow", ",", "."].map((token, id) => [
        token,
        id,
      ]),
    ),
  },
};
