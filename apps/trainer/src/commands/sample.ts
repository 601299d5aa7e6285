/**
 * `llm-learning sample`: text by a run's exported model, shown as it comes; of a run on lines, such as names, new lines.
 */

import type { Command } from "commander";
import picocolors from "picocolors";
import { generateSamples, type GeneratedSamples } from "../generation/generateSamples.ts";
import { trainingLines } from "../generation/trainingLines.ts";
import { openRun, type Run } from "../run/openRun.ts";
import { UsageError } from "../usageError.ts";
import { formatCount } from "../terminal/format.ts";
import { integerOption, numberOption } from "./numberOption.ts";
import { untilStopped } from "./untilStopped.ts";

interface SampleFlags {
  readonly run: string;
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly stop?: readonly string[];
  readonly logprobs?: number;
  readonly seed?: number;
  readonly count: number;
  readonly json?: boolean;
}

const MAX_TOKENS = 1_000_000;
const MAX_COUNT = 10_000;

export function registerSample(program: Command): void {
  program
    .command("sample")
    .description("generate text with a run's exported ONNX model")
    .requiredOption("--run <dir>", "run directory")
    .option("--prompt <text>", "text to go on from; without it, a new line", "")
    .option("--max-tokens <n>", "most tokens to generate", integerOption("--max-tokens", 1, MAX_TOKENS), 300)
    .option(
      "--temperature <x>",
      "below 1 more predictable, above 1 more surprising; 0 takes the best token each time",
      numberOption("--temperature", "a number from 0 to 100", (value) => value >= 0 && value <= 100),
      0.8,
    )
    .option("--top-k <n>", "draw from the n best tokens only", integerOption("--top-k", 1))
    .option(
      "--top-p <x>",
      "draw from the most probable tokens that together have this probability",
      numberOption("--top-p", "a number greater than 0, at most 1", (value) => value > 0 && value <= 1),
    )
    .option(
      "--min-p <x>",
      "draw from tokens that are at least x times as probable as the best one",
      numberOption("--min-p", "a number from 0 to 1", (value) => value >= 0 && value <= 1),
    )
    .option(
      "--repetition-penalty <x>",
      "above 1 avoids tokens of the prompt and of what was written: divides their positive scores, multiplies negative ones",
      numberOption("--repetition-penalty", "a number greater than 0", (value) => value > 0 && value < Infinity),
    )
    .option(
      "--frequency-penalty <x>",
      "lowers a token's score by x for each time that it was written",
      numberOption("--frequency-penalty", "a number from -2 to 2", isPenalty),
    )
    .option(
      "--presence-penalty <x>",
      "lowers a token's score by x once it was written",
      numberOption("--presence-penalty", "a number from -2 to 2", isPenalty),
    )
    .option("--stop <text>", "end a sample before this text; may be given several times", stopOption)
    .option(
      "--logprobs <n>",
      "with --json: each token's log-probability and the n most probable tokens",
      integerOption("--logprobs", 0, 20),
    )
    .option("--seed <n>", "the same seed gives the same text (default: a new one)", integerOption("--seed", 0))
    .option("--count <n>", "number of samples", integerOption("--count", 1, MAX_COUNT), 1)
    .option("--json", "print one JSON document on standard output")
    .action(runSample);
}

function isPenalty(value: number): boolean {
  return value >= -2 && value <= 2;
}

function stopOption(text: string, others: readonly string[] = []): readonly string[] {
  if (text === "") throw new UsageError("expected --stop to be a text, got an empty one");
  return [...others, text];
}

async function runSample(flags: SampleFlags): Promise<void> {
  if (flags.logprobs !== undefined && flags.json !== true) {
    throw new UsageError("expected --json with --logprobs: its document is where they stand");
  }
  const opened = await openRun(flags.run);
  const { config, paths } = opened;
  if (config.lines) return sampleLines(flags, paths.model, await knownLines(opened));
  const { json = false, prompt, count } = flags;
  let hasBegun = false;
  const onText = (sample: number, text: string): void => {
    if (sample > 0) return;
    // The prompt appears with the first word, so that an error before it leaves standard output empty.
    process.stdout.write(hasBegun ? text : `${prompt}${text}`);
    hasBegun = true;
  };
  const result = await generate(flags, paths.model, json ? undefined : onText);
  if (result === undefined) {
    if (hasBegun) process.stdout.write("\n");
    return;
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(report(flags, paths.model, result), null, 2)}\n`);
    return;
  }
  const [first, ...others] = result.samples;
  if (!hasBegun) process.stdout.write(`${prompt}${first.text}`);
  for (const { text } of others) process.stdout.write(`\n\n---\n${prompt}${text}`);
  process.stdout.write("\n");
  const total = result.samples.reduce((sum, { tokens }) => sum + tokens, 0);
  const what = count === 1 ? "" : ` in ${count} samples`;
  process.stderr.write(
    `${formatCount(total)} tokens${what}, ${formatCount(result.tokensPerSecond)} tokens/s, seed ${result.seed}\n`,
  );
}

/** A line each, with a mark behind those that stand in the training set. */
async function sampleLines(
  flags: SampleFlags,
  modelDir: string,
  known: ReadonlySet<string> | undefined,
): Promise<void> {
  const { json = false, prompt, count } = flags;
  const result = await generate(flags, modelDir, undefined);
  if (result === undefined) return;
  if (json) {
    process.stdout.write(`${JSON.stringify(report(flags, modelDir, result, known), null, 2)}\n`);
    return;
  }
  const { dim } = picocolors.createColors(process.stdout.isTTY && picocolors.isColorSupported);
  for (const { text } of result.samples) {
    const line = prompt + text;
    process.stdout.write(`${line}${known?.has(line) === true ? dim(" (in the training set)") : ""}\n`);
  }
  const copies = result.samples.filter(({ text }) => known?.has(prompt + text)).length;
  const made = known === undefined ? "" : `${formatCount(count - copies)} new of ${formatCount(count)}, `;
  process.stderr.write(`${made}seed ${result.seed}\n`);
}

async function generate(
  { json: _, run: __, ...options }: SampleFlags,
  modelDir: string,
  onText: ((sample: number, text: string) => void) | undefined,
): Promise<GeneratedSamples | undefined> {
  return untilStopped((signal) => generateSamples(modelDir, { ...options, signal, onText }));
}

/** The run's training lines; undefined, and a note, where its data is gone or another: samples can be had without it. */
async function knownLines(run: Run): Promise<ReadonlySet<string> | undefined> {
  try {
    return await trainingLines(run);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`note: what stands in the training set is not marked: ${error.message}\n`);
    return undefined;
  }
}

/** @param known - Of a run on lines: those that it was trained on. */
function report(
  flags: SampleFlags,
  model: string,
  result: GeneratedSamples,
  known?: ReadonlySet<string>,
): Record<string, unknown> {
  const { run, prompt, maxTokens, temperature, topK, topP, minP, stop } = flags;
  const { samples, seed, step, tokensPerSecond } = result;
  return {
    run,
    model,
    step,
    prompt,
    maxTokens,
    temperature,
    topK: topK ?? null,
    topP: topP ?? null,
    minP: minP ?? null,
    repetitionPenalty: flags.repetitionPenalty ?? null,
    frequencyPenalty: flags.frequencyPenalty ?? null,
    presencePenalty: flags.presencePenalty ?? null,
    stop: stop ?? null,
    seed,
    tokensPerSecond,
    samples: samples.map(({ text, ...others }) => ({
      text: prompt + text,
      completion: text,
      ...others,
      ...(known !== undefined && { inTrainingSet: known.has(prompt + text) }),
    })),
  };
}
