/**
 * Text by an exported model: from a prompt to samples, with the ONNX model and its KV cache.
 */

import { randomInt } from "node:crypto";
import { Rng } from "@llm-learning/init";
import type { ChoiceOptions, GeneratedToken } from "@llm-learning/onnx";
import { UsageError, withUserInput } from "../usageError.ts";
import { openModelDirectory, type OpenModel } from "./openModelDirectory.ts";
import { linePromptTokens, promptTokens } from "./promptTokens.ts";
import { type Sample, SampleText } from "./sampleText.ts";

export interface GenerateSamplesOptions extends ChoiceOptions {
  /** Text to go on from; an empty one begins a new line. A model of lines ends where its line does. @defaultValue "" */
  readonly prompt?: string | undefined;
  /** Number of samples. @defaultValue 1 */
  readonly count?: number | undefined;
  /** Most tokens of each. @defaultValue 300 */
  readonly maxTokens?: number | undefined;
  /** 0 takes the best token each time. @defaultValue 0.8 */
  readonly temperature?: number | undefined;
  /** Texts that end a sample, which is without them. @defaultValue none */
  readonly stop?: readonly string[] | undefined;
  /** The same seed gives the same samples; sample n does not depend on how many there are. @defaultValue a new one */
  readonly seed?: number | undefined;
  /** Threads of ONNX Runtime. @defaultValue the cores available to this process */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of every piece of text as it comes; samples come side by side. */
  readonly onText?: ((sample: number, text: string) => void) | undefined;
}

export interface GeneratedSamples {
  readonly samples: readonly Sample[];
  readonly seed: number;
  /** Optimizer steps behind the weights, where the model directory says so. */
  readonly step: number | undefined;
  /** From the first forward pass on. */
  readonly tokensPerSecond: number;
}

/** Samples that run in one batch. */
const MAX_BATCH = 32;

/**
 * Generates samples with the model in `modelDir`.
 *
 * @throws UsageError for an option out of range, a prompt with characters that the model does not know, and a model directory
 * that is missing or damaged.
 */
export async function generateSamples(
  modelDir: string,
  options: GenerateSamplesOptions = {},
): Promise<GeneratedSamples> {
  const { count = 1, seed = randomInt(2 ** 32), threads } = options;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(`expected count to be an integer >= 1, got ${count}`);
  }
  const rng = await withUserInput(() => new Rng(seed));
  const model = await openModelDirectory(modelDir, { threads });
  try {
    const begin = performance.now();
    const samples = await samplesOf(model, { ...options, count, rng });
    const seconds = (performance.now() - begin) / 1000;
    const tokens = samples.reduce((sum, sample) => sum + sample.tokens, 0);
    return { samples, seed, step: model.step, tokensPerSecond: tokens / seconds };
  } finally {
    await model.generator.dispose();
  }
}

/** What is written, and where chance comes from. */
export interface SamplesOptions extends Omit<GenerateSamplesOptions, "seed" | "threads"> {
  readonly rng: Rng;
}

/** The samples of a model that is open. @throws UsageError as {@link generateSamples}. */
export async function samplesOf(model: OpenModel, options: SamplesOptions): Promise<Sample[]> {
  const { prompt = "", count = 1, maxTokens = 300, rng } = options;
  const start = await withUserInput(() => startOf(model, prompt));
  const samples: Sample[] = [];
  while (samples.length < count) {
    const first = samples.length;
    const rows = Math.min(MAX_BATCH, count - first);
    const forks = { fork: (row: number) => rng.fork(first + row) };
    samples.push(...(await generateBatch(model, start, { ...options, maxTokens, rng: forks, first, rows })));
  }
  return samples;
}

function startOf({ tokenizer, lines, endOfText, begin }: OpenModel, prompt: string): Uint32Array {
  if (lines && endOfText !== undefined) return linePromptTokens(tokenizer, prompt, endOfText);
  return promptTokens(tokenizer, prompt, begin);
}

interface BatchOptions extends Omit<SamplesOptions, "rng"> {
  readonly maxTokens: number;
  readonly rng: { fork(row: number): Rng };
  /** Index of the batch's first sample. */
  readonly first: number;
  readonly rows: number;
}

async function generateBatch(model: OpenModel, start: Uint32Array, options: BatchOptions): Promise<Sample[]> {
  const { prompt: _, count: __, onText, first, rows: size, stop, temperature = 0.8, ...choice } = options;
  const rows = await withUserInput(() => Array.from({ length: size }, () => new SampleText(model.tokenizer, stop)));
  const show = (row: number, text: string): void => {
    if (text !== "") onText?.(first + row, text);
  };
  const isLast = ({ row }: GeneratedToken): boolean => rows[row].isStopped;
  const prompts = rows.map(() => start);
  const stream = model.generator.stream(prompts, { ...choice, temperature, stopIds: model.stopIds, isLast });
  for await (const token of faultsOfTheModel(stream, options.signal)) show(token.row, rows[token.row].push(token));
  rows.forEach((row, index) => show(index, row.end()));
  return rows.map((row) => row.sample(options.maxTokens));
}

/** What goes wrong in there is an option out of range, or a model that cannot be run: bad input either way. */
async function* faultsOfTheModel(
  stream: AsyncGenerator<GeneratedToken, void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken, void> {
  try {
    yield* stream;
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof Error)) throw error;
    const message = error.message
      .replace(/\s+/g, " ")
      .slice(0, 300)
      .replace(/^[\w.]+: /, "");
    const isOurs = message.startsWith("expected ");
    throw new UsageError(isOurs ? message : `expected a model that can be run, got ${message}`, { cause: error });
  }
}
