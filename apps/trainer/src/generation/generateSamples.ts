/**
 * Text by an exported model: from a prompt to samples, with the ONNX model and its KV cache.
 */

import { randomInt } from "node:crypto";
import { Rng } from "@llm-learning/init";
import type { GeneratedToken } from "@llm-learning/onnx";
import type { DecodeStream } from "@llm-learning/tokenizers";
import { UsageError, withUserInput } from "../usageError.ts";
import { openModelDirectory, type OpenModel } from "./openModelDirectory.ts";
import { linePromptTokens, promptTokens } from "./promptTokens.ts";

export interface GenerateSamplesOptions {
  /** Text to go on from; an empty one begins a new line. A model of lines ends where its line does. @defaultValue "" */
  readonly prompt?: string | undefined;
  /** Number of samples. @defaultValue 1 */
  readonly count?: number | undefined;
  /** Most tokens of each. @defaultValue 300 */
  readonly maxTokens?: number | undefined;
  /** 0 takes the best token each time. @defaultValue 0.8 */
  readonly temperature?: number | undefined;
  /** Draw from the k best tokens only. @defaultValue all */
  readonly topK?: number | undefined;
  /** Draw from the most probable tokens that together have this probability. @defaultValue all */
  readonly topP?: number | undefined;
  /** The same seed gives the same samples; sample n does not depend on how many there are. @defaultValue a new one */
  readonly seed?: number | undefined;
  /** Threads of ONNX Runtime; with small models one is fastest. @defaultValue 1 */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of every piece of text as it comes; samples come side by side. */
  readonly onText?: ((sample: number, text: string) => void) | undefined;
}

/** A continuation of the prompt. */
export interface Sample {
  /** The text after the prompt. */
  readonly text: string;
  /** Tokens generated. */
  readonly tokens: number;
  /** Whether the model ended the text, or the number of tokens did. */
  readonly finishReason: "stop" | "length";
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
  const { count = 1, seed = randomInt(2 ** 32), threads = 1 } = options;
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

function startOf({ tokenizer, lines, endOfText }: OpenModel, prompt: string): Uint32Array {
  if (lines && endOfText !== undefined) return linePromptTokens(tokenizer, prompt, endOfText);
  return promptTokens(tokenizer, prompt);
}

interface BatchOptions extends Omit<SamplesOptions, "rng"> {
  readonly maxTokens: number;
  readonly rng: { fork(row: number): Rng };
  /** Index of the batch's first sample. */
  readonly first: number;
  readonly rows: number;
}

async function generateBatch(model: OpenModel, start: Uint32Array, options: BatchOptions): Promise<Sample[]> {
  const { maxTokens, temperature = 0.8, topK, topP, rng, signal, onText, first, rows } = options;
  const decoders = Array.from({ length: rows }, () => model.tokenizer.decodeStream());
  const texts = decoders.map(() => "");
  const counts = decoders.map(() => 0);
  const push = (row: number, text: string): void => {
    texts[row] += text;
    if (text !== "") onText?.(first + row, text);
  };
  const stopIds = model.endOfText === undefined ? [] : [model.endOfText];
  const prompts = decoders.map(() => start);
  const stream = model.generator.stream(prompts, { maxTokens, temperature, topK, topP, rng, stopIds, signal });
  for await (const { row, token } of faultsOfTheModel(stream, signal)) {
    counts[row]++;
    push(row, textOf(token, decoders[row]));
  }
  decoders.forEach((decoder, row) => push(row, decoder.end()));
  return texts.map((text, row) => ({
    text,
    tokens: counts[row],
    finishReason: counts[row] < maxTokens ? "stop" : "length",
  }));
}

/** The text of a token; of an id that the vocabulary leaves out and no text ever taught the model, a mark in its place. */
function textOf(token: number, decoder: DecodeStream): string {
  try {
    return decoder.push(token);
  } catch (error) {
    if (error instanceof RangeError) return "\ufffd";
    throw error;
  }
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
    const message = error.message.replace(/\s+/g, " ").slice(0, 300);
    throw new UsageError(message.replace(/^[\w.]+: /, ""), { cause: error });
  }
}
