/**
 * `llm-learning data prepare`: texts and documents as a folder of token shards, which `train --data` takes.
 */

import type { Command } from "commander";
import type { TokenIndex } from "../../data/tokenIndex.ts";
import { pathForUser, programName, quoteArgument } from "../../terminal/commandLine.ts";
import { formatBytes, formatCount, formatDuration } from "../../terminal/format.ts";
import { RateProgress } from "../../terminal/rateProgress.ts";
import { integerOption, numberOption } from "../numberOption.ts";
import { untilStopped } from "../untilStopped.ts";

interface PrepareFlags {
  readonly out: string;
  readonly tokenizer: string;
  readonly field: string;
  readonly validationFraction: number;
  readonly seed: number;
  readonly shardTokens?: number;
  readonly json?: boolean;
}

const phases = { look: "to look through", encode: "to encode" } as const;

export function registerPrepare(group: Command): void {
  group
    .command("prepare")
    .description("turn texts, JSONL and Parquet files into token files, as nanoGPT writes them")
    .argument("<inputs...>", "files, folders, and the bundled moby-dick and names")
    .requiredOption("--out <dir>", "the folder to write, new or empty")
    .requiredOption("--tokenizer <name>", "char, byte, the name of an encoding such as gpt2, or a tokenizer.json")
    .option("--field <name>", "field or column of JSONL and Parquet files that holds the text", "text")
    .option(
      "--validation-fraction <x>",
      "share to validate with: the end of texts, or documents that are drawn",
      numberOption("--validation-fraction", "a number between 0 and 1", (value) => value > 0 && value < 1),
      0.1,
    )
    .option("--seed <n>", "draws the documents to validate with", integerOption("--seed", 0), 42)
    .option(
      "--shard-tokens <n>",
      "most tokens in a file (default: one file for each part)",
      integerOption("--shard-tokens", 1),
    )
    .option("--json", "print one JSON document on standard output")
    .addHelpText(
      "after",
      "\nTexts (.txt, .md and all else) are one text, cut where `train` cuts it. Of .jsonl,\n" +
        ".ndjson and .parquet files every line or row is a document, with the token that ends\n" +
        "a text behind it, or a blank line where the tokenizer has none.",
    )
    .action(runPrepare);
}

async function runPrepare(inputs: readonly string[], flags: PrepareFlags): Promise<void> {
  const { json = false, ...settings } = flags;
  // Only now: `--help` begins the sooner.
  const { prepareData } = await import("../../data/prepareData.ts");
  const progress = new RateProgress(process.stderr);
  const begin = performance.now();
  const prepared = await untilStopped(async (signal) => {
    try {
      return await prepareData({
        ...settings,
        inputs,
        signal,
        onProgress: ({ phase, bytes, of, tokens }) =>
          progress.update(bytes, of, {
            what: phases[phase],
            detail: tokens > 0 ? `${formatCount(tokens)} tokens` : "",
          }),
      });
    } finally {
      progress.stop();
    }
  }, "data prepare: stopped, nothing was written");
  if (prepared === undefined) return;
  const { out, index } = prepared;
  const seconds = (performance.now() - begin) / 1000;
  const document = { out, seconds, ...index };
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : describe(out, index, seconds));
}

function describe(out: string, { dtype, tokenizer, splits }: TokenIndex, seconds: number): string {
  const { train, validation } = splits;
  const files = train.shards.length + validation.shards.length;
  const bytes = train.bytes + validation.bytes;
  return [
    `${pathForUser(out)}: ${formatCount(train.tokens)} tokens to train on and ${formatCount(validation.tokens)} to validate with, of ` +
      `${formatBytes(bytes)} of text in ${formatDuration(seconds)}; ${files} files of ${dtype}, vocabulary ${tokenizer.vocabSize}`,
    `next:`,
    `  ${programName()} train --data ${quoteArgument(pathForUser(out))}`,
    "",
  ].join("\n");
}
