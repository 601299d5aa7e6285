/**
 * Looks into a trained model while it reads a passage: what it expected at each token, where its attention went, and what its
 * embedding has made of the tokens. The model is traced once more with its taps as outputs; nothing in it changes.
 */

import type { LanguageModel } from "@llm-learning/models";
import {
  compile,
  crossEntropy,
  type Engine,
  namedParameters,
  type Parameter,
  type Shape,
  taps,
  type Tensor,
  trace,
} from "@llm-learning/nn-core";

/** Tokens of the passage whose loss is shown, and of the beginning whose attention is. */
const PASSAGE_TOKENS = 480;
const ATTENTION_TOKENS = 28;

/** Most attention maps, the first layers first: a page of hundreds tells nothing. */
const MAX_LAYERS = 6;

export interface AttentionProbabilities {
  /** Name of the tap, such as `blocks.0.attention.probabilities`. */
  readonly name: string;
  /** For each head the share that each token (row) gives to each token before it (column). */
  readonly heads: readonly (readonly Float32Array[])[];
}

export interface ModelInsight {
  /** The tokens read, the first of which nothing predicts. */
  readonly tokens: ArrayLike<number>;
  /** Loss of each token but the first, in nats. */
  readonly losses: Float32Array;
  /** Of the first tokens of the passage. */
  readonly attention: readonly AttentionProbabilities[];
  readonly attentionTokens: number;
  /** The token embedding, a row for each token of the vocabulary; undefined where the model has none. */
  readonly embedding: { readonly name: string; readonly rows: readonly Float32Array[] } | undefined;
}

/**
 * Runs `model` over the beginning of `tokens`.
 *
 * @param tokens - At least 2 and more than the model's context where it predicts the last token only.
 * @throws RangeError where there are fewer.
 */
export async function inspectModel(
  model: LanguageModel,
  tokens: ArrayLike<number>,
  engine: Engine,
): Promise<ModelInsight> {
  const least = model.predicts === "last" ? model.config.blockSize + 1 : 2;
  if (tokens.length < least) throw new RangeError(`expected at least ${least} tokens to read, got ${tokens.length}`);
  const passage = Int32Array.from({ length: Math.min(tokens.length, PASSAGE_TOKENS) }, (_, i) => tokens[i]);
  const losses = model.predicts === "every" ? slidingLosses : windowLosses;
  const length = Math.min(ATTENTION_TOKENS, model.config.blockSize, passage.length);
  return {
    tokens: passage,
    losses: await losses(model, passage, engine),
    attention: await attentionOf(model, passage, { engine, length }),
    attentionTokens: length,
    embedding: embeddingOf(model),
  };
}

/**
 * Loss of each token by a model of every token: windows overlap by half, and of all but the first the second half counts, so that
 * every token is predicted from half a context at least.
 */
async function slidingLosses(model: LanguageModel, passage: Int32Array, engine: Engine): Promise<Float32Array> {
  const T = Math.min(model.config.blockSize, passage.length - 1);
  const stride = Math.max(1, T >> 1);
  const starts: number[] = [];
  for (let start = 0; ; start += stride) {
    starts.push(Math.min(start, passage.length - 1 - T));
    if (start + T >= passage.length - 1) break;
  }
  const inputs = concatenate(starts.map((start) => passage.subarray(start, start + T)));
  const targets = concatenate(starts.map((start) => passage.subarray(start + 1, start + T + 1)));
  const shape = [starts.length, T];
  const byWindow = await run(engine, { inputs: shape, targets: shape }, { inputs, targets }, (feeds) => ({
    losses: lossOfEach(model, feeds.inputs, feeds.targets),
  }));
  const losses = new Float32Array(passage.length - 1).fill(NaN);
  for (const [window, start] of starts.entries()) {
    for (let i = 0; i < T; i++)
      if (Number.isNaN(losses[start + i])) losses[start + i] = byWindow.losses[window * T + i];
  }
  return losses;
}

/** Loss of each token by a model of the last token: a window before each. The first tokens, which have none, are NaN. */
async function windowLosses(model: LanguageModel, passage: Int32Array, engine: Engine): Promise<Float32Array> {
  const T = model.config.blockSize;
  const targets = passage.subarray(T);
  const inputs = concatenate(Array.from(targets, (_, i) => passage.subarray(i, i + T)));
  const shapes = { inputs: [targets.length, T], targets: [targets.length] };
  const result = await run(engine, shapes, { inputs, targets }, (feeds) => ({
    losses: lossOfEach(model, feeds.inputs, feeds.targets),
  }));
  const losses = new Float32Array(passage.length - 1).fill(NaN);
  losses.set(result.losses, T - 1);
  return losses;
}

function lossOfEach(model: LanguageModel, inputs: Tensor, targets: Tensor): Tensor {
  return crossEntropy(model.forward(inputs).logits, targets, { reduction: "none" });
}

async function attentionOf(
  model: LanguageModel,
  passage: Int32Array,
  { engine, length: T }: { engine: Engine; length: number },
): Promise<AttentionProbabilities[]> {
  if (model.predicts === "last") return [];
  const shapes: Record<string, Shape> = {};
  const result = await run(engine, { inputs: [1, T] }, { inputs: passage.slice(0, T) }, ({ inputs }) => {
    const { logits } = model.forward(inputs);
    const layers = [...taps([logits]).values()].filter(({ kind }) => kind === "attention").slice(0, MAX_LAYERS);
    for (const { name, value } of layers) shapes[name] = value.shape;
    // The logits keep the graph from being empty where there is no attention.
    return { logits, ...Object.fromEntries(layers.map(({ name, value }) => [name, value])) };
  });
  return Object.keys(shapes).map((name) => {
    const data = result[name];
    const heads = Array.from({ length: data.length / (T * T) }, (_, head) =>
      Array.from({ length: T }, (_, row) => data.slice((head * T + row) * T, (head * T + row + 1) * T)),
    );
    return { name, heads };
  });
}

/** Traces, runs once, and frees the program. */
async function run(
  engine: Engine,
  shapes: Readonly<Record<string, readonly number[]>>,
  feeds: Readonly<Record<string, Int32Array>>,
  build: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Promise<Record<string, Float32Array>> {
  const specs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: "int32" } as const]),
  );
  const program = await compile(engine, trace(specs, build));
  try {
    const results = await program.run(feeds);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
    );
  } finally {
    await program.dispose();
  }
}

/** The first table with a row for each token. */
function embeddingOf(model: LanguageModel): ModelInsight["embedding"] {
  const { vocabSize: V } = model.config;
  const isEmbedding = ([name, { shape }]: [string, Parameter]): boolean =>
    /embedding/i.test(name) && shape.length === 2 && shape[0] === V && (shape[1] as number) >= 2;
  const found = [...namedParameters(model)].find(isEmbedding);
  if (found === undefined) return undefined;
  const [name, { data, shape }] = found;
  const C = shape[1] as number;
  return { name, rows: Array.from({ length: V }, (_, row) => data.slice(row * C, (row + 1) * C)) };
}

function concatenate(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
