/**
 * Looks into a trained model while it reads a passage: what it expected at each token, where its attention went, and what its
 * embedding has made of the tokens. The model is traced once more with its taps as outputs; nothing in it changes.
 */

import type { ExampleSet, TokenSequence } from "@llm-learning/datasets";
import type { LanguageModel } from "@llm-learning/models";
import {
  compile,
  crossEntropy,
  type Engine,
  namedParameters,
  type Parameter,
  type Shape,
  type Tap,
  type TapKind,
  taps,
  type Tensor,
  trace,
} from "@llm-learning/nn-core";
import { batchShapes, examplesOf } from "../training/trainingExamples.ts";

/** Tokens of the passage whose loss is shown, and of the beginning whose attention is. */
const PASSAGE_TOKENS = 480;
/** Of documents, which may be short and stand in a line each. */
const DOCUMENT_TOKENS = 160;
const ATTENTION_TOKENS = 26;

/** Most layers that are drawn one by one, the first ones: a page of hundreds tells nothing. */
const MAX_LAYERS = 6;

/** Examples of which the outputs of single neurons are kept. */
const MAX_EXAMPLES = 128;

export interface AttentionProbabilities {
  /** Name of the tap, such as `blocks.0.attention.probabilities`. */
  readonly name: string;
  /** For each head the share that each token (row) gives to each token before it (column). */
  readonly heads: readonly (readonly Float32Array[])[];
}

/** Outputs of a non-linearity that can be flat. */
export interface UnitOutputs {
  /** Name of the tap, such as `blocks.0.mlp.hidden`. */
  readonly name: string;
  readonly kind: "tanh" | "sigmoid" | "relu";
  /** `[examples, neurons]` */
  readonly outputs: Float32Array;
  readonly neurons: number;
}

export interface ModelInsight {
  /** The tokens that the model was asked for, in their order. */
  readonly tokens: Int32Array;
  /** Loss of each, in nats; NaN of one that nothing predicts. */
  readonly losses: Float32Array;
  /** What non-linearities gave out for the first tokens. */
  readonly units: readonly UnitOutputs[];
  readonly attention: readonly AttentionProbabilities[];
  /** The tokens that attention goes between. */
  readonly attentionTokens: Int32Array;
  /** The token embedding, a row for each token of the vocabulary; undefined where the model has none. */
  readonly embedding: { readonly name: string; readonly rows: readonly Float32Array[] } | undefined;
}

/** What is read. */
export interface InspectedTokens {
  /** The validation part: the first sequence of it that is long enough is read. */
  readonly validation: readonly TokenSequence[];
  /** The token behind every line where lines are documents. */
  readonly boundary: number | undefined;
}

/**
 * Runs `model` over the beginning of the validation part.
 *
 * @throws RangeError where that is too short to read.
 */
export async function inspectModel(
  model: LanguageModel,
  { validation, boundary }: InspectedTokens,
  engine: Engine,
): Promise<ModelInsight> {
  const { predicts, config } = model;
  if (boundary !== undefined || predicts === "last") {
    const examples = examplesOf(validation, { predicts, blockSize: config.blockSize, boundary });
    const read = await exampleLosses(model, examples, {
      most: boundary === undefined ? PASSAGE_TOKENS : DOCUMENT_TOKENS,
      engine,
    });
    return { ...read, ...(await attentionOf(model, read.firstInputs, engine)), embedding: embeddingOf(model) };
  }
  // Of several files the first may be of a token or two.
  const file = validation.find(({ length }) => length >= PASSAGE_TOKENS) ?? longest(validation);
  const passage = Int32Array.from(file.subarray(0, Math.min(file.length, PASSAGE_TOKENS)));
  const read = await slidingLosses(model, passage, engine);
  return { tokens: passage, ...read, ...(await attentionOf(model, passage, engine)), embedding: embeddingOf(model) };
}

function longest(sequences: readonly TokenSequence[]): TokenSequence {
  return sequences.reduce((most, sequence) => (sequence.length > most.length ? sequence : most));
}

/** Losses of the first examples, whose targets follow one another as in the text. */
async function exampleLosses(
  model: LanguageModel,
  examples: ExampleSet,
  { most, engine }: { most: number; engine: Engine },
): Promise<Pick<ModelInsight, "tokens" | "losses" | "units"> & { firstInputs: Int32Array }> {
  const { inputLength: T, targetLength, size } = examples;
  const rows = Math.min(size, most);
  const inputs = new Int32Array(rows * T); // [B, T]
  const targets = new Int32Array(rows * targetLength); // [B, T] or [B]
  for (let row = 0; row < rows; row++) examples.write(row, inputs, targets, row);
  const shapes = batchShapes(rows, { predicts: model.predicts, blockSize: T });
  const result = await lossesAndUnits(model, { shapes, feeds: { inputs, targets } }, engine);
  const asked = Array.from(targets.keys())
    .filter((i) => targets[i] >= 0)
    .slice(0, most);
  const inFirst = targets.subarray(0, targetLength).filter((target) => target >= 0).length;
  return {
    tokens: Int32Array.from(asked, (i) => targets[i]),
    losses: Float32Array.from(asked, (i) => result.losses[i]),
    units: result.units,
    firstInputs: inputs.slice(0, inFirst),
  };
}

/**
 * Loss of each token by a model of every token: windows overlap by half, and of all but the first the second half counts, so that
 * every token is predicted from half a context at least.
 */
async function slidingLosses(
  model: LanguageModel,
  passage: Int32Array,
  engine: Engine,
): Promise<Pick<ModelInsight, "losses" | "units">> {
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
  const shapes = { inputs: shape, targets: shape };
  const byWindow = await lossesAndUnits(model, { shapes, feeds: { inputs, targets } }, engine);
  const losses = new Float32Array(passage.length).fill(NaN);
  for (const [window, start] of starts.entries()) {
    for (let i = 0; i < T; i++) {
      const at = start + i + 1;
      if (Number.isNaN(losses[at])) losses[at] = byWindow.losses[window * T + i];
    }
  }
  return { losses, units: byWindow.units };
}

/** Loss of each target, and what the first layers that can be flat gave out. */
async function lossesAndUnits(
  model: LanguageModel,
  { shapes, feeds }: { shapes: Shapes; feeds: Readonly<Record<string, Int32Array>> },
  engine: Engine,
): Promise<{ losses: Float32Array; units: UnitOutputs[] }> {
  let watched: Tap[] = [];
  const { losses, ...outputs } = await run(engine, shapes, feeds, ({ inputs, targets }) => {
    const { logits } = model.forward(inputs);
    watched = [...taps([logits]).values()].filter(({ kind }) => isUnit(kind)).slice(0, MAX_LAYERS);
    return {
      losses: crossEntropy(logits, targets, { ignoreIndex: -1, reduction: "none" }),
      ...Object.fromEntries(watched.map(({ name, value }) => [name, value])),
    };
  });
  const units = watched.map(({ name, kind, value }) => {
    const neurons = value.shape.at(-1) as number;
    return {
      name,
      kind: kind as UnitOutputs["kind"],
      neurons,
      outputs: outputs[name].slice(0, MAX_EXAMPLES * neurons),
    };
  });
  return { losses, units };
}

function isUnit(kind: TapKind): kind is UnitOutputs["kind"] {
  return kind === "tanh" || kind === "sigmoid" || kind === "relu";
}

async function attentionOf(
  model: LanguageModel,
  passage: Int32Array,
  engine: Engine,
): Promise<Pick<ModelInsight, "attention" | "attentionTokens">> {
  const T = Math.min(ATTENTION_TOKENS, model.config.blockSize, passage.length);
  const attentionTokens = passage.slice(0, T);
  if (model.predicts === "last") return { attention: [], attentionTokens };
  const shapes: Record<string, Shape> = {};
  const result = await run(engine, { inputs: [1, T] }, { inputs: attentionTokens }, ({ inputs }) => {
    const { logits } = model.forward(inputs);
    const layers = [...taps([logits]).values()].filter(({ kind }) => kind === "attention").slice(0, MAX_LAYERS);
    for (const { name, value } of layers) shapes[name] = value.shape;
    // The logits keep the graph from being empty where there is no attention.
    return { logits, ...Object.fromEntries(layers.map(({ name, value }) => [name, value])) };
  });
  const attention = Object.keys(shapes).map((name) => {
    const data = result[name];
    const heads = Array.from({ length: data.length / (T * T) }, (_, head) =>
      Array.from({ length: T }, (_, row) => data.slice((head * T + row) * T, (head * T + row + 1) * T)),
    );
    return { name, heads };
  });
  return { attention, attentionTokens };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Traces, runs once, and frees the program. */
async function run(
  engine: Engine,
  shapes: Shapes,
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
