/**
 * `llm-learning tokenizer train`: a tokenizer learned from texts, as a file.
 */

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { writeFileAtomic } from "@llm-learning/datasets/node";
import type { PatternName } from "@llm-learning/tokenizers/tiktoken";
import { formatBytes, formatCount, formatDuration } from "../../terminal/format.ts";
import { writeJson, writeOut } from "../../terminal/standardOutput.ts";
import { formatOf, type TokenizerFormat } from "../../tokenizer/tokenizerSource.ts";
import { findTrainingTexts } from "../../tokenizer/trainingTexts.ts";
import { formatsOf, patternNames, type TokenizerModel, tokenizerModels } from "../../tokenizer/tokenizerModels.ts";
import { UsageError } from "../../usageError.ts";
import { integerOption, numberOption } from "../numberOption.ts";
import { untilStopped } from "../untilStopped.ts";

interface TrainFlags {
  readonly out: string;
  readonly model: TokenizerModel;
  readonly vocabSize: number;
  readonly specialTokens: readonly string[];
  readonly pattern?: PatternName;
  readonly minFrequency?: number;
  readonly threads?: number;
  readonly characterCoverage?: number;
  readonly byteFallback?: boolean;
  readonly maxLineBytes?: number;
  readonly json?: boolean;
}

/** The flags that only one kind of model has. */
const ownFlags = {
  bpe: ["pattern", "minFrequency", "threads"],
  sentencepiece: ["characterCoverage", "byteFallback", "maxLineBytes"],
} as const;

const extensions: Readonly<Record<TokenizerFormat, string>> = { json: ".json", tiktoken: ".tiktoken", model: ".model" };

export function registerTrain(group: Command): void {
  group
    .command("train")
    .description("learn a tokenizer from texts")
    .argument("<texts...>", "files, folders of .txt and .md files, the bundled moby-dick, or - for standard input")
    .requiredOption("--out <file>", "file to write: .json (Hugging Face) or .tiktoken of bpe, .model of SentencePiece")
    .option(
      "--vocab-size <n>",
      "number of tokens, all of them counted",
      integerOption("--vocab-size", 1, 1 << 24),
      8192,
    )
    .addOption(
      new Option("--model <kind>", "bpe is byte-level, as in GPT-2 and later").choices(tokenizerModels).default("bpe"),
    )
    .addOption(
      new Option("--special-tokens <list>", "tokens that text is never cut within, with commas between them")
        .argParser((list: string, before: readonly string[]) => [...before, ...list.split(",")])
        .default([], "none"),
    )
    .optionsGroup("Byte-level BPE:")
    .addOption(
      new Option("--pattern <name>", "how text is cut into words (default: cl100k_base)").choices(patternNames),
    )
    .option("--min-frequency <n>", "merge no pair that is rarer", integerOption("--min-frequency", 1))
    .option("--threads <n>", "threads that read files; changes no result", integerOption("--threads", 1, 256))
    .optionsGroup("SentencePiece:")
    .option(
      "--character-coverage <x>",
      "share of the text's characters in the vocabulary (default: 0.9995)",
      numberOption("--character-coverage", "a number from 0.98 to 1", (value) => value >= 0.98 && value <= 1),
    )
    .option("--byte-fallback", "spell other characters in bytes instead of as unknown")
    .option(
      "--max-line-bytes <n>",
      "pass over longer lines, of which the command tells (default: 4192)",
      integerOption("--max-line-bytes", 10, 1 << 30),
    )
    .optionsGroup("Output:")
    .option("--json", "print one JSON document on standard output")
    .action(runTrain);
}

async function runTrain(inputs: readonly string[], flags: TrainFlags): Promise<void> {
  const { out, model, vocabSize, specialTokens, json = false } = flags;
  checkFlags(flags);
  const format = await expectWritable(out, model);
  // Only now: the other commands of the group begin the sooner.
  const { trainTokenizer } = await import("../../tokenizer/trainTokenizer.ts");
  const { WorkProgress } = await import("../../terminal/workProgress.ts");
  const begin = performance.now();
  const progress = new WorkProgress(process.stderr);
  const texts = await findTrainingTexts(inputs);
  const trained = await untilStopped(async (signal) => {
    try {
      return await trainTokenizer(texts, {
        ...flags,
        format,
        signal,
        onProgress: (done, of, unit) => progress.update(done, of, unit),
      });
    } finally {
      progress.stop();
    }
  });
  if (trained === undefined) {
    // Whoever writes to it may go on for long, and the process would wait for the end.
    process.stdin.destroy();
    return;
  }
  await writeFileAtomic(out, trained.content);
  const seconds = (performance.now() - begin) / 1000;
  for (const note of [...trained.notes, ...notesOf(flags, format, trained.vocabSize)])
    process.stderr.write(`tokenizer train: note: ${note}\n`);
  const { bytes } = trained;
  if (json) {
    await writeJson({
      out,
      model,
      format,
      vocabSize: trained.vocabSize,
      asked: vocabSize,
      specialTokens,
      bytes,
      seconds,
    });
    return;
  }
  const learned = `${formatCount(trained.vocabSize)} tokens learned from ${formatBytes(bytes)} in ${formatDuration(seconds)}`;
  await writeOut(`${out}: ${learned}\n`);
}

function checkFlags(flags: TrainFlags): void {
  const [others, owner] =
    flags.model === "bpe" ? [ownFlags.sentencepiece, "a SentencePiece model"] : [ownFlags.bpe, "--model bpe"];
  const stray = others.find((name) => flags[name] !== undefined);
  if (stray === undefined) return;
  const flag = `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError(`expected ${flag} only with ${owner}, got it with --model ${flags.model}`);
}

/** Before anything is read: the format that the file's name says, in a folder that can be written to. */
async function expectWritable(out: string, model: TokenizerModel): Promise<TokenizerFormat> {
  const formats = formatsOf(model);
  const format = formats.find((known) => known === formatOf(out) && out.endsWith(extensions[known]));
  if (format === undefined) {
    const names = formats.map((known) => `a ${extensions[known]} file`).join(" or ");
    throw new UsageError(`expected --out to be ${names} for --model ${model}, got ${JSON.stringify(out)}`);
  }
  if ((await stat(out).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(`expected --out to be a file, got ${JSON.stringify(out)}, a directory`);
  }
  const folder = dirname(out);
  await access(folder, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "which does not exist" : `which cannot be written to (${error.code})`;
    throw new UsageError(
      `expected --out in a directory that can be written to, got ${JSON.stringify(folder)}, ${reason}`,
    );
  });
  return format;
}

function notesOf({ vocabSize, specialTokens }: TrainFlags, format: TokenizerFormat, learned: number): string[] {
  const notes: string[] = [];
  if (learned < vocabSize) notes.push(`the text gives no more than ${learned} tokens`);
  if (format === "tiktoken" && specialTokens.length > 0) {
    notes.push("a .tiktoken file holds no special tokens; whoever reads it has to add them");
  }
  return notes;
}
