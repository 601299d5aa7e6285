/**
 * Everything that decides a training run, as one flat object: the content of a run's `config.json`, and of every
 * command line flag (see configFlags.ts). Names are nanoGPT's, in camelCase. Presets are in presets.ts, what belongs to which
 * model in ../model/modelKinds.ts and configChoices.ts; here are the keys, their ranges, and the checks.
 */

import { z } from "zod";
import { modelKinds, modelNames } from "../model/modelKinds.ts";
import { UsageError, withUserInputSync } from "../usageError.ts";
import { checkChoices } from "./configChoices.ts";
import { checkLora } from "./loraChoices.ts";
import { checkMemoryChoices } from "./memoryChoices.ts";
import { nearest } from "./nearest.ts";
import { checkOptimization } from "./optimizationChoices.ts";
import { ropeScalingSchema } from "./ropeScaling.ts";
import { factor, flag, integer, number, oneOf } from "./valueSchemas.ts";

const MAX_STEPS = 1_000_000_000;

/** Every key with its range; what a value should have been is the message of each check. */
export const trainConfigSchema = z.strictObject({
  preset: z.string("a name").describe("name of the preset that the other keys start from"),
  data: z
    .string("a path or the name of bundled data")
    .min(1, "a path or the name of bundled data")
    .describe(
      "text file, folder of .txt and .md files or of token shards, or the bundled moby-dick or names; several with weights: a.txt=0.7,b/=0.3",
    ),
  order: oneOf(["random", "shuffled"]).describe(
    "windows or lines at random, as nanoGPT draws them, or all once before any comes again",
  ),
  lines: flag().describe("every line is a document, as in a list of names: they are shuffled and split"),
  splitSeed: integer(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("decides the order of the lines, as Python's random.seed does (with lines)"),
  validationFraction: number(0, 1, { excludeMin: true, excludeMax: true }).describe(
    "share of the text, at its end, or of the lines, to validate with",
  ),
  testFraction: number(0, 1, { excludeMax: true })
    .optional()
    .describe("share of the lines that only eval sees (with lines)"),
  tokenizer: z
    .string("char, byte, bpe, the name of an encoding or a tokenizer file")
    .min(1, "char, byte, bpe, the name of an encoding or a tokenizer file")
    .describe("tokens: characters, bytes, byte pairs learned from the text, or those of a file or an encoding"),
  vocabSize: integer(257, 1_000_000)
    .optional()
    .describe("number of tokens that bpe learns, the 256 bytes among them (default: 1024)"),

  model: oneOf(modelNames).describe("what is trained; each has keys of its own"),
  blockSize: integer(1, 1_000_000).describe("longest context, in tokens"),
  nLayer: integer(1, 1000).optional().describe("blocks, or hidden layers"),
  nHead: integer(1, 10_000).optional().describe("attention heads in each block; divides nEmbd"),
  nKeyValueHead: integer(0, 10_000).optional().describe("heads of keys and values; divides nHead, 0 is as many"),
  nEmbd: integer(1, 1_000_000).optional().describe("width of the residual stream, or of an embedding"),
  headDim: integer(0, 100_000).optional().describe("width of a head; 0 is nEmbd / nHead"),
  nHidden: integer(0, 1_000_000).optional().describe("neurons of a hidden layer; 0, of gpt and llama, follows nEmbd"),
  dropout: number(0, 1, { excludeMax: true }).optional().describe("probability of dropping an activation in training"),
  bias: flag().optional().describe("biases in linear layers and normalizations"),
  qkvBias: flag().optional().describe("bias of the query, key and value projections (of gpt where bias is true)"),
  projectionBias: flag().optional().describe("bias of the attention's output projection, of llama"),
  mlpBias: flag().optional().describe("biases of the feed-forward layers, of llama"),
  outputBias: flag().optional().describe("bias of the output layer; needs untied weights"),
  tieWeights: flag().optional().describe("use the token embedding's weights as output layer"),
  activation: oneOf(["gelu", "exact-gelu", "relu"])
    .optional()
    .describe("non-linearity of the feed-forward layers; gelu is its tanh form"),
  mlp: oneOf(["swiglu", "squared-relu"]).optional().describe("feed-forward layers of llama"),
  qkNorm: flag().optional().describe("norms of queries and keys: llama is Qwen3 then"),
  ropeTheta: number(0, 1e12, { excludeMin: true }).optional().describe("base of the rotary frequencies"),
  ropeScaling: ropeScalingSchema
    .optional()
    .describe('how rotary positions are stretched, in JSON (default: none), such as {"type":"linear","factor":2}'),
  normEps: number(0, 1, { excludeMin: true }).optional().describe("epsilon of every normalization"),
  softCap: number(0, 1e6).optional().describe("bound that logits are bent to; 0 leaves them"),
  init: oneOf(["gpt2", "torch", "lecture", "raw", "fixed-logits", "fixed-tanh", "kaiming"])
    .optional()
    .describe("how weights start: of gpt the first three, of the others the rest"),
  rung: oneOf(["head", "heads", "feed-forward", "residual", "layer-norm"])
    .optional()
    .describe("how far up the ladder to GPT"),
  kernelSize: integer(1, 1000).optional().describe("tokens that a convolution sees"),
  batchNorm: flag().optional().describe("BatchNorm between weights and non-linearity"),
  gain: number(0, 1000, { excludeMin: true })
    .optional()
    .describe("size of hidden weights at the start, over 1 / sqrt(fanIn)"),
  outputScale: number(0, 1000, { excludeMin: true }).optional().describe("factor of the last layer at the start"),
  std: number(0, 1000).optional().describe("standard deviation of a table's scores at the start"),
  penalty: number(0, 1000).optional().describe("weight of mean(table^2) in the loss of training"),

  loraRank: integer(0, 10_000).describe(
    "of an imported model: rank of low-rank changes beside frozen weights; 0 trains all",
  ),
  loraAlpha: number(0, 1e6, { excludeMin: true })
    .optional()
    .describe("low-rank changes are multiplied by loraAlpha / loraRank (default: 2 loraRank)"),
  loraDropout: number(0, 1, { excludeMax: true }).optional().describe("dropout of the inputs of low-rank changes"),
  loraTargets: z
    .string("names of layers, or all, attention or mlp")
    .optional()
    .describe("layers with low-rank changes: all, attention, mlp, or names such as query,value (default: all)"),

  maxSteps: integer(1, MAX_STEPS).describe("steps of training"),
  batchSize: integer(0, 1_000_000).describe(
    "windows of text, or lines, in each step; 0 takes every line in every step",
  ),
  gradientAccumulation: integer(1, 10_000).describe(
    "batches of which the gradients are added up for one step: as one large batch, in the memory of a small one",
  ),
  activationCheckpointing: flag().describe(
    "of gpt and llama: keep the inputs of blocks only, and compute the rest again for the gradients; changes no result",
  ),
  learningRate: number(0, 1000, { excludeMin: true }).describe("highest learning rate"),
  minLearningRate: number(0, 1000).describe("lowest learning rate, at the end of its fall or after the drop"),
  warmupSteps: integer(0, MAX_STEPS).describe("steps in which the learning rate rises linearly"),
  decaySteps: integer(1, MAX_STEPS).describe("step at which the learning rate ends its fall, or drops"),
  schedule: oneOf(["cosine", "linear", "wsd", "step", "constant"]).describe(
    "learning rate after the warm-up: wsd keeps it and falls at the end, step drops it once",
  ),
  cooldownFraction: number(0, 1, { excludeMin: true })
    .optional()
    .describe("share of decaySteps, at their end, in which the rate of wsd falls"),
  cooldownShape: oneOf(["linear", "cosine", "sqrt"]).optional().describe("how the rate of wsd falls"),
  optimizer: oneOf(["adamw", "adam", "sgd", "lion", "muon"]).describe(
    "what turns gradients into updates; muon takes matrices, AdamW beside it the rest",
  ),
  beta1: number(0, 1, { excludeMax: true })
    .optional()
    .describe("decay of AdamW's first moment, or of what Lion steps by"),
  beta2: number(0, 1, { excludeMax: true })
    .optional()
    .describe("decay of AdamW's second moment, or of Lion's momentum"),
  eps: number(1e-30, 1).optional().describe("AdamW's epsilon"),
  momentum: number(0, 1, { excludeMax: true })
    .optional()
    .describe("share of its last direction that SGD keeps, decay of Muon's"),
  nesterov: flag().optional().describe("SGD and Muon look ahead along their direction; needs momentum"),
  muonSteps: integer(1, 20).optional().describe("iterations that make Muon's direction orthogonal"),
  muonScale: oneOf(["match-rms-adamw", "original"])
    .optional()
    .describe("Muon's steps: as large as AdamW's, so that its rate serves, or of norm 1 as it was published"),
  matrixRate: factor("matrices inside of the network"),
  embeddingRate: factor("embeddings, tied ones too"),
  outputRate: factor("the output layer, where it is untied"),
  vectorRate: factor("biases and norms"),
  baseWidth: integer(1, 1_000_000)
    .optional()
    .describe("nEmbd of a narrower model whose rates and first weights serve this one, by muP (default: none)"),
  weightDecay: number(0, 1000).describe("decay of matrices, per unit of learning rate"),
  embeddingDecay: number(0, 1000).optional().describe("decay of embeddings and output layer (default: weightDecay)"),
  vectorDecay: number(0, 1000).optional().describe("decay of biases and norms (default: 0)"),
  averaging: oneOf(["none", "ema", "tail"]).describe(
    "weights that are evaluated and exported: of now, an exponential average, the mean over the tail of the run",
  ),
  averageDecay: number(0, 1, { excludeMax: true })
    .optional()
    .describe("share of the exponential average that each step leaves"),
  averageFraction: number(0, 1, { excludeMin: true })
    .optional()
    .describe("share of decaySteps, at their end, whose mean is taken"),
  gradClip: number(0, 1e9).describe("largest global norm of the gradients; 0 clips nothing"),

  engine: oneOf(["onnxruntime", "tfjs-node", "reference"]).describe(
    "what computes: native, TensorFlow where @tensorflow/tfjs-node is installed, or slow plain TypeScript",
  ),
  threads: integer(1, 1024).describe("threads of the native engine, at most four for each core; changes no result"),
  seed: integer(0, Number.MAX_SAFE_INTEGER).describe("decides weights, batches and dropout"),

  evalInterval: integer(1, MAX_STEPS).describe("steps between evaluations"),
  evalBatches: integer(1, 1_000_000).describe("batches of each split in an evaluation"),
  logInterval: integer(1, MAX_STEPS).describe("steps between lines of metrics.jsonl"),
  checkpointInterval: integer(1, MAX_STEPS).describe("steps between checkpoints"),
  watchInterval: integer(0, MAX_STEPS).describe(
    "steps between lines of diagnostics.jsonl, statistics of every layer; 0 watches nothing",
  ),

  sampleCount: integer(0, 100).describe("samples to print after training"),
  sampleInterval: integer(0, MAX_STEPS).describe(
    "steps between samples while training, kept in samples.jsonl; 0 takes none before the end",
  ),
  sampleTokens: integer(1, 100_000).describe("tokens in each sample"),
  temperature: number(0, 100).describe("temperature of samples; 0 takes the best token"),
});

/** A complete and valid configuration of a training run. */
export type TrainConfig = Readonly<z.infer<typeof trainConfigSchema>>;

export type TrainConfigKey = keyof TrainConfig;

/** Keys that came later, with the values that they have in configurations written before there was such a choice. */
export const laterKeys = {
  lines: false,
  model: "gpt",
  optimizer: "adamw",
  loraRank: 0,
  watchInterval: 0,
  sampleInterval: 0,
  averaging: "none",
  gradientAccumulation: 1,
  activationCheckpointing: false,
  order: "random",
} as const satisfies Partial<TrainConfig>;

/** The keys of a model that came later. */
export function laterOf(model: unknown = laterKeys.model): Partial<TrainConfig> {
  const name = modelNames.find((known) => known === model);
  return name === undefined ? {} : (modelKinds[name].later ?? {});
}

/** The keys in the order of the schema. */
export const trainConfigKeys: readonly TrainConfigKey[] = Object.keys(trainConfigSchema.shape) as TrainConfigKey[];

/**
 * Checks a configuration from a file or from flags: complete, every value in its range, values fit one another.
 *
 * @throws UsageError naming the first key that is wrong.
 */
export function checkTrainConfig(value: unknown): TrainConfig {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const complete: unknown = isObject
    ? { ...laterKeys, ...laterOf((value as { model?: unknown }).model), ...value }
    : value;
  const result = trainConfigSchema.safeParse(complete);
  if (!result.success) throw new UsageError(describeIssue(result.error.issues[0], complete));
  const config = result.data;
  checkChoices(config, expectedValue);
  checkLora(config);
  checkMemoryChoices(config);
  // The vocabulary is not known yet, and has no part in these checks.
  withUserInputSync(() => modelKinds[config.model].parameterCount(config, 1));
  if (config.vocabSize !== undefined && config.tokenizer !== "bpe") {
    throw new UsageError(
      `expected vocabSize only with tokenizer bpe, which learns as many, got ${config.vocabSize} with ${describe(config.tokenizer)}`,
    );
  }
  if (config.batchSize === 0 && !config.lines) {
    throw new UsageError("expected batchSize of at least 1, got 0: only of lines all can be taken at once (--lines)");
  }
  if (config.batchSize === 0 && modelKinds[config.model].predicts === "last") {
    throw new UsageError(
      `expected batchSize of at least 1, got 0: only lines as a whole can be taken at once, and model ${config.model} sees pieces`,
    );
  }
  if (config.batchNorm === true && config.batchSize === 1 && modelKinds[config.model].predicts === "last") {
    throw new UsageError("expected batchSize of at least 2 with batchNorm, got 1: a single example has no variance");
  }
  checkOptimization(config);
  return config;
}

/** Checks one value against its key's range; the error names the key as `label`. */
export function checkTrainConfigValue(key: TrainConfigKey, value: unknown, label: string): void {
  const result = trainConfigSchema.shape[key].safeParse(value);
  if (!result.success) {
    throw new UsageError(`expected ${label} to be ${result.error.issues[0].message}, got ${describe(value)}`);
  }
}

/** What a key's value should be: `an integer from 1 to 1000`. */
function expectedValue(key: TrainConfigKey): string {
  const schema: z.ZodType = trainConfigSchema.shape[key];
  const value = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  return value.safeParse(undefined).error?.issues[0].message ?? "a value";
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
