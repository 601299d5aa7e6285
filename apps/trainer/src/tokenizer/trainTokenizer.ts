/**
 * Trains a tokenizer of one of several kinds, and gives the content of its file.
 */

import {
  type SentencePieceTrainingOptions,
  type SentencePieceTrainingProgress,
  trainBpe,
  trainSentencePiece,
} from "@llm-learning/tokenizers/train";
import { trainBpeFromFiles } from "@llm-learning/tokenizers/train/node";
import type { BpeTokenizer } from "@llm-learning/tokenizers";
import { formatTiktoken, type PatternName } from "@llm-learning/tokenizers/tiktoken";
import { UsageError, withUserInput } from "../usageError.ts";
import type { TokenizerFormat } from "./tokenizerSource.ts";
import type { TokenizerModel } from "./tokenizerModels.ts";
import { documentsOf, linesOf, type TrainingText } from "./trainingTexts.ts";

/** SentencePiece's own limit. */
const MAX_LINE_BYTES = 4192;

export interface TrainTokenizerOptions {
  readonly model: TokenizerModel;
  readonly format: TokenizerFormat;
  readonly vocabSize: number;
  readonly specialTokens: readonly string[];
  /** Of byte-level BPE. */
  readonly pattern?: PatternName | undefined;
  readonly minFrequency?: number | undefined;
  readonly threads?: number | undefined;
  /** Of SentencePiece. */
  readonly characterCoverage?: number | undefined;
  readonly byteFallback?: boolean | undefined;
  readonly maxLineBytes?: number | undefined;
  readonly signal: AbortSignal;
  /** Told how far the training is: how many of how many, if that is known, and of what. */
  readonly onProgress: (done: number, of: number | undefined, unit: string) => void;
}

export interface TrainedTokenizer {
  /** Of the file. */
  readonly content: string | Uint8Array;
  readonly vocabSize: number;
  /** Size of the text. */
  readonly bytes: number;
  /** What was left out of the text, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Trains a tokenizer.
 *
 * @throws UsageError for an option out of range, a text that is none, or one that is too short; the reason of `signal` when it is
 * aborted.
 */
export async function trainTokenizer(
  texts: readonly TrainingText[],
  options: TrainTokenizerOptions,
): Promise<TrainedTokenizer> {
  const counted = countBytes(texts);
  if (texts.every(({ size }) => size === 0)) throw emptyText();
  return withUserInput(async () => {
    if (options.model === "bpe") {
      const least = 257 + options.specialTokens.length;
      if (options.vocabSize < least) {
        throw new UsageError(
          `expected a vocabulary of at least ${least} tokens (256 bytes, ${least - 257} special tokens, one to be learned), got ` +
            `${options.vocabSize}`,
        );
      }
      const tokenizer = await trainByteLevel(counted.texts, options);
      if (tokenizer.vocabSize < least) {
        throw new UsageError("expected a text with words to learn tokens from, got one without");
      }
      return {
        content: contentOf(tokenizer, options.format),
        vocabSize: tokenizer.vocabSize,
        bytes: counted.bytes(),
        notes: [],
      };
    }
    let last: SentencePieceTrainingProgress | undefined;
    const settings = sentencePieceOptions(options, (progress) => (last = progress));
    const processor = await trainSentencePiece(sentencesOf(counted.texts), settings);
    const notes = last === undefined ? [] : passedOver(last, settings.maxSentenceLength);
    return { content: processor.toBytes(), vocabSize: processor.vocabSize, bytes: counted.bytes(), notes };
  });
}

async function trainByteLevel(texts: readonly TrainingText[], options: TrainTokenizerOptions): Promise<BpeTokenizer> {
  const { vocabSize, pattern, specialTokens, minFrequency, threads, signal, onProgress } = options;
  const total = texts.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  const settings = {
    vocabSize,
    ...(pattern !== undefined && { pattern }),
    ...(minFrequency !== undefined && { minFrequency }),
    specialTokens,
    signal,
    onProgress: ({ phase, done, total: of }: { phase: string; done: number; total: number | undefined }) =>
      phase === "count" ? onProgress(done, of ?? total, "bytes read") : onProgress(done, of, "merges learned"),
  };
  const paths = texts.flatMap(({ path }) => path ?? []);
  if (paths.length < texts.length) return trainBpe(documentsOfAll(texts), settings);
  // Threads would take what is no text for text.
  for (const text of texts) for await (const _ of text.read()) signal.throwIfAborted();
  return trainBpeFromFiles(paths, { ...settings, ...(threads !== undefined && { threads }) });
}

function sentencePieceOptions(
  options: TrainTokenizerOptions,
  onReport: (progress: SentencePieceTrainingProgress) => void,
): SentencePieceTrainingOptions & { readonly maxSentenceLength: number } {
  const { model, vocabSize, specialTokens, characterCoverage, byteFallback, signal, onProgress } = options;
  const modelType = model.replace(/^sentencepiece-/, "") as "unigram" | "bpe" | "word" | "char";
  const units = { read: "sentences read", seed: "candidates found", choose: "pieces chosen" };
  /** Candidates that a unigram model begins with; it gives them up until as many are left as are wanted. */
  let candidates = 0;
  return {
    modelType,
    vocabSize,
    userDefinedSymbols: specialTokens,
    maxSentenceLength: options.maxLineBytes ?? MAX_LINE_BYTES,
    // A vocabulary as large as the text gives, as in byte-level BPE; the command says how large.
    hardVocabLimit: false,
    ...(characterCoverage !== undefined && { characterCoverage }),
    ...(byteFallback !== undefined && { byteFallback }),
    signal,
    onProgress: (progress) => {
      const { phase, done, total } = progress;
      onReport(progress);
      if (phase === "read" || total === undefined) return onProgress(done, undefined, units[phase]);
      if (modelType !== "unigram" || phase !== "choose") return onProgress(done, total, units[phase]);
      candidates = Math.max(candidates, done, total);
      return onProgress(candidates - done, candidates - total, "candidates given up");
    },
  };
}

/** What SentencePiece leaves out without a word. */
function passedOver({ tooLong, reserved }: SentencePieceTrainingProgress, maxLineBytes: number): string[] {
  const lines = (count: number): string => `${count} line${count === 1 ? " was" : "s were"} passed over`;
  return [
    ...(tooLong > 0
      ? [
          `${lines(tooLong)}: longer than ${maxLineBytes} bytes; cut the text into shorter ones, or raise --max-line-bytes`,
        ]
      : []),
    ...(reserved > 0 ? [`${lines(reserved)}: with U+2585, which SentencePiece keeps for itself`] : []),
  ];
}

function contentOf(tokenizer: BpeTokenizer, format: TokenizerFormat): string {
  return format === "tiktoken" ? formatTiktoken(tokenizer.encoding) : `${JSON.stringify(tokenizer, null, 2)}\n`;
}

async function* documentsOfAll(texts: readonly TrainingText[]): AsyncGenerator<string, void> {
  for (const text of texts) yield* documentsOf(text);
}

async function* sentencesOf(texts: readonly TrainingText[]): AsyncGenerator<string, void> {
  for (const text of texts) yield* linesOf(text);
}

/** The texts, whose bytes are counted as they are read. @returns them, and the bytes of those that were read. */
function countBytes(texts: readonly TrainingText[]): { texts: TrainingText[]; bytes: () => number } {
  const sizes = texts.map(() => 0);
  return {
    texts: texts.map((text, index) => ({
      ...text,
      read: async function* () {
        sizes[index] = 0;
        for await (const part of text.read()) {
          sizes[index] += Buffer.byteLength(part);
          yield part;
        }
        if (index === texts.length - 1 && sizes.every((size) => size === 0)) throw emptyText();
      },
    })),
    bytes: () => sizes.reduce((sum, size) => sum + size, 0),
  };
}

function emptyText(): UsageError {
  return new UsageError("expected a text to learn tokens from, got an empty one");
}
