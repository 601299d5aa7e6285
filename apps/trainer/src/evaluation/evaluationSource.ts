/**
 * What is evaluated on: batches in which every token that can be predicted is a target exactly once.
 *
 * Of a text, windows of the model's context stand side by side, as in training: every token but the first is predicted, those at
 * the start of a window with little before them. A model that predicts the last token alone reads a full window before each
 * token, so it begins blockSize tokens later. Of lines, every token and every end is predicted.
 */

import {
  type Batch,
  boundaryToken,
  documentsOf,
  encodeDocuments,
  encodeText,
  everyExample,
  sequentialBatches,
  TextContexts,
} from "@llm-learning/datasets";
import type { LanguageModel } from "@llm-learning/models";
import { expectKnownCharacters } from "../generation/promptTokens.ts";
import type { Run } from "../run/openRun.ts";
import { splitLines } from "../training/splitLines.ts";
import { splitText } from "../training/splitText.ts";
import { examplesOf } from "../training/trainingExamples.ts";
import type { EvaluationSplit } from "./evaluateRun.ts";
import { predictedBytes } from "./predictedBytes.ts";

export interface EvaluationSource {
  /** Batches of `batchSize` examples of `blockSize` inputs; -1 where nothing is asked. */
  readonly batches: Iterable<Batch>;
  readonly batchSize: number;
  readonly blockSize: number;
  /** Number of targets in all. */
  readonly targets: number;
  /** Their size in UTF-8; of files of tokens, of those that were read so far. */
  readonly bytes: number;
  /** Closes files. */
  readonly close?: () => void;
}

export interface SourceOptions {
  readonly model: LanguageModel;
  readonly split: EvaluationSplit;
  /** Most targets in a batch. */
  readonly most: number;
}

/**
 * The batches of a split of a text, for a run's model.
 *
 * @throws RangeError where the text has characters that the run's tokenizer does not know, the split is empty or too short, or there
 * is no such split.
 */
export function evaluationSource(text: string, run: Run, options: SourceOptions): EvaluationSource {
  if (run.config.lines) return lineSource(text, run, options);
  if (options.split === "test") {
    throw new RangeError("expected split val, train or all, got test: only a run on lines keeps a test part");
  }
  return options.model.predicts === "every" ? windowSource(text, run, options) : contextSource(text, run, options);
}

function windowSource(text: string, run: Run, { model, split, most }: SourceOptions): EvaluationSource {
  const part = partOf(text, run, split);
  const tokens = tokensOf(part, run, { split, least: 2 });
  const blockSize = Math.min(model.config.blockSize, tokens.length - 1);
  const windows = Math.ceil((tokens.length - 1) / blockSize);
  const batchSize = Math.min(windows, Math.max(1, Math.floor(most / blockSize)));
  const batches = sequentialBatches(tokens, { batchSize, blockSize });
  return { batches, batchSize, blockSize, targets: tokens.length - 1, bytes: predictedBytes(part, run.tokenizer) };
}

function contextSource(text: string, run: Run, { model, split, most }: SourceOptions): EvaluationSource {
  const { blockSize } = model.config;
  const part = partOf(text, run, split);
  const tokens = tokensOf(part, run, { split, least: blockSize + 1 });
  const examples = new TextContexts(tokens, blockSize);
  const batchSize = Math.min(examples.size, Math.max(1, Math.floor(most)));
  const bytes = predictedBytes(part, run.tokenizer, blockSize);
  return { batches: everyExample(examples, { batchSize }), batchSize, blockSize, targets: examples.size, bytes };
}

function lineSource(text: string, { config, tokenizer }: Run, options: SourceOptions): EvaluationSource {
  const { model, split, most } = options;
  const { predicts } = model;
  const { blockSize } = model.config;
  const lines = split === "all" ? documentsOf(text) : linesOf(text, config, split);
  if (lines.length === 0) throw new RangeError(`expected lines in the ${split} part, got none`);
  expectKnownCharacters(tokenizer, lines.join(""), "lines");
  const tokens = encodeDocuments(lines, tokenizer);
  const examples = examplesOf([tokens], { predicts, blockSize, boundary: boundaryToken(tokenizer) });
  const batchSize = Math.min(examples.size, Math.max(1, Math.floor(most / examples.targetLength)));
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  return { batches: everyExample(examples, { batchSize }), batchSize, blockSize, targets: tokens.length, bytes };
}

function linesOf(text: string, config: Run["config"], split: "val" | "train" | "test"): readonly string[] {
  const { train, validation, test } = splitLines(text, config);
  return { train, val: validation, test }[split];
}

function partOf(text: string, { config }: Run, split: EvaluationSplit): string {
  if (split === "all") return text;
  const [train, validation] = splitText(text, config.validationFraction);
  return split === "train" ? train : validation;
}

function tokensOf(
  text: string,
  { tokenizer }: Run,
  { split, least }: { split: EvaluationSplit; least: number },
): ReturnType<typeof encodeText> {
  expectKnownCharacters(tokenizer, text, "a text");
  const tokens = encodeText(text, tokenizer);
  if (tokens.length >= least) return tokens;
  throw new RangeError(`expected at least ${least} tokens in the ${split} part of the text, got ${tokens.length}`);
}
