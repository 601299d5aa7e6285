/**
 * Everything that decides a training run, as one flat object: the content of a run's `config.json`, and of every
 * command line flag (see configFlags.ts). Names are nanoGPT's, in camelCase. Presets are in presets.ts; here are the keys,
 * their ranges, and the checks.
 */

import { gptConfig } from "@llm-learning/models";
import { z } from "zod";
import { UsageError, withUserInputSync } from "../usageError.ts";
import { nearest } from "./nearest.ts";

const MAX_STEPS = 1_000_000_000;

/** Every key with its range; what a value should have been is the message of each check. */
export const trainConfigSchema = z.strictObject({
  preset: z.string("a name").describe("name of the preset that the other keys start from"),
  data: z
    .string("a path or the name of a bundled book")
    .min(1, "a path or the name of a bundled book")
    .describe("text file, folder of .txt and .md files, or the bundled moby-dick"),
  validationFraction: number(0, 1, { excludeMin: true, excludeMax: true }).describe(
    "share of the text, at its end, to validate with",
  ),
  tokenizer: z
    .string("char, byte, bpe, the name of an encoding or a tokenizer file")
    .min(1, "char, byte, bpe, the name of an encoding or a tokenizer file")
    .describe("tokens: characters, bytes, byte pairs learned from the text, or those of a file or an encoding"),
  vocabSize: integer(257, 1_000_000)
    .optional()
    .describe("number of tokens that bpe learns, the 256 bytes among them (default: 1024)"),

  nLayer: integer(1, 1000).describe("blocks"),
  nHead: integer(1, 10_000).describe("attention heads in each block; divides nEmbd"),
  nEmbd: integer(1, 1_000_000).describe("width of the residual stream"),
  blockSize: integer(1, 1_000_000).describe("longest context, in tokens"),
  dropout: number(0, 1, { excludeMax: true }).describe("probability of dropping an activation in training"),
  bias: flag().describe("biases in linear layers and normalizations"),
  qkvBias: flag().describe("bias of the query, key and value projections (where bias is true)"),
  outputBias: flag().describe("bias of the output layer; needs untied weights"),
  tieWeights: flag().describe("use the token embedding's weights as output layer"),
  activation: oneOf(["gelu", "relu"]).describe("non-linearity of the feed-forward layers"),
  init: oneOf(["gpt2", "torch", "lecture"]).describe("how weights start"),

  maxSteps: integer(1, MAX_STEPS).describe("steps of training"),
  batchSize: integer(1, 1_000_000).describe("windows of text in each step"),
  learningRate: number(0, 1000, { excludeMin: true }).describe("highest learning rate"),
  minLearningRate: number(0, 1000).describe("lowest learning rate, at the end of the cosine"),
  warmupSteps: integer(0, MAX_STEPS).describe("steps in which the learning rate rises linearly"),
  decaySteps: integer(1, MAX_STEPS).describe("step at which the cosine ends"),
  schedule: oneOf(["cosine", "constant"]).describe("learning rate after the warm-up"),
  beta1: number(0, 1, { excludeMax: true }).describe("decay of AdamW's first moment"),
  beta2: number(0, 1, { excludeMax: true }).describe("decay of AdamW's second moment"),
  eps: number(0, 1, { excludeMin: true }).describe("AdamW's epsilon"),
  weightDecay: number(0, 1000).describe("decay of matrices, per unit of learning rate"),
  gradClip: number(0, 1e9).describe("largest global norm of the gradients; 0 clips nothing"),

  engine: oneOf(["onnxruntime", "reference"]).describe("what computes: native, or slow plain TypeScript"),
  threads: integer(1, 1024).describe("threads of the native engine; changes no result"),
  seed: integer(0, Number.MAX_SAFE_INTEGER).describe("decides weights, batches and dropout"),

  evalInterval: integer(1, MAX_STEPS).describe("steps between evaluations"),
  evalBatches: integer(1, 1_000_000).describe("batches of each split in an evaluation"),
  logInterval: integer(1, MAX_STEPS).describe("steps between lines of metrics.jsonl"),
  checkpointInterval: integer(1, MAX_STEPS).describe("steps between checkpoints"),

  sampleCount: integer(0, 100).describe("samples to print after training"),
  sampleTokens: integer(1, 100_000).describe("tokens in each of them"),
  temperature: number(0, 100).describe("their temperature; 0 takes the best token"),
});

/** A complete and valid configuration of a training run. */
export type TrainConfig = Readonly<z.infer<typeof trainConfigSchema>>;

export type TrainConfigKey = keyof TrainConfig;

/** The keys in the order of the schema. */
export const trainConfigKeys: readonly TrainConfigKey[] = Object.keys(trainConfigSchema.shape) as TrainConfigKey[];

/**
 * Checks a configuration from a file or from flags: complete, every value in its range, values fit one another.
 *
 * @throws UsageError naming the first key that is wrong.
 */
export function checkTrainConfig(value: unknown): TrainConfig {
  const result = trainConfigSchema.safeParse(value);
  if (!result.success) throw new UsageError(describeIssue(result.error.issues[0], value));
  const config = result.data;
  checkModelConfig(config);
  if (config.vocabSize !== undefined && config.tokenizer !== "bpe") {
    throw new UsageError(
      `expected vocabSize only with tokenizer bpe, which learns as many, got ${config.vocabSize} with ${describe(config.tokenizer)}`,
    );
  }
  if (config.minLearningRate > config.learningRate) {
    throw new UsageError(
      `expected minLearningRate of at most learningRate ${config.learningRate}, got ${config.minLearningRate}`,
    );
  }
  if (config.schedule === "cosine" && config.decaySteps <= config.warmupSteps) {
    throw new UsageError(
      `expected decaySteps greater than warmupSteps ${config.warmupSteps}, got ${config.decaySteps}: use fewer warmupSteps`,
    );
  }
  return config;
}

/** Checks one value against its key's range; the error names the key as `label`. */
export function checkTrainConfigValue(key: TrainConfigKey, value: unknown, label: string): void {
  const result = trainConfigSchema.shape[key].safeParse(value);
  if (!result.success) {
    throw new UsageError(`expected ${label} to be ${result.error.issues[0].message}, got ${describe(value)}`);
  }
}

function checkModelConfig(config: TrainConfig): void {
  // The vocabulary is not known yet, and has no part in these checks.
  withUserInputSync(() => gptConfig({ ...modelOptions(config), vocabSize: 1 }));
}

/** The keys that the model's constructor takes, vocabulary aside. */
export function modelOptions(config: TrainConfig): Omit<Parameters<typeof gptConfig>[0], "vocabSize"> {
  const { blockSize, nLayer, nHead, nEmbd, dropout, bias, qkvBias, outputBias, tieWeights, activation, init } = config;
  return { blockSize, nLayer, nHead, nEmbd, dropout, bias, qkvBias, outputBias, tieWeights, activation, init };
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "unrecognized_keys") {
    const [unknown] = issue.keys;
    const known = nearest(unknown, trainConfigKeys);
    return `expected known keys, got ${describe(unknown)}${known === undefined ? "" : `: did you mean ${known}?`}`;
  }
  const [key] = issue.path;
  if (typeof key !== "string")
    return `expected an object with the keys of a training configuration, got ${describe(value)}`;
  const got = (value as Record<string, unknown>)[key];
  return `expected ${key} to be ${issue.message}, got ${describe(got)}`;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

function integer(min: number, max: number): z.ZodNumber {
  const what = max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`;
  return z.number(what).int(what).min(min, what).max(max, what);
}

function number(
  min: number,
  max: number,
  { excludeMin = false, excludeMax = false }: { excludeMin?: boolean; excludeMax?: boolean } = {},
): z.ZodNumber {
  const what = `a number ${excludeMin ? "greater than" : "from"} ${min} ${excludeMax ? "to below" : "to"} ${max}`;
  const lower = excludeMin ? z.number(what).gt(min, what) : z.number(what).min(min, what);
  return excludeMax ? lower.lt(max, what) : lower.max(max, what);
}

function oneOf<const T extends readonly [string, ...string[]]>(choices: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(choices, `one of ${choices.join(", ")}`) as z.ZodEnum<{ [K in T[number]]: K }>;
}

function flag(): z.ZodBoolean {
  return z.boolean("true or false");
}
