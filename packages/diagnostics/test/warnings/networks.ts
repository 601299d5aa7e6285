/**
 * Small networks on synthetic characters, healthy or broken in one way, trained for a moment while they are watched.
 */

import {
  collect,
  copyMatrices,
  type LossRecord,
  type RunHistory,
  type StatisticsLine,
  summarize,
  withUpdates,
} from "@llm-learning/diagnostics";
import { kaimingNormal, normal, Rng } from "@llm-learning/init";
import {
  compile,
  crossEntropy,
  Embedding,
  type Engine,
  type Feeds,
  graphOf,
  input,
  type Initializer,
  Linear,
  type Parameter,
  relu,
  reshape,
  SGD,
  tanh,
  tap,
  type Tensor,
  trainableParameters,
} from "@llm-learning/nn-core";

export interface NetworkOptions {
  readonly seed?: number;
  readonly kind?: "tanh" | "relu";
  readonly layers?: number;
  readonly learningRate?: number;
  /** Standard deviation of hidden weights, before division by the root of their inputs. @defaultValue Kaiming's gain */
  readonly gain?: number;
  /** Divides hidden weights by the root of their inputs. @defaultValue true */
  readonly scaleByFanIn?: boolean;
  readonly hiddenBias?: number;
  /** Gain of the output layer. @defaultValue 0.1 */
  readonly outputGain?: number;
  readonly steps?: number;
}

/** Kinds of characters. */
export const V = 27;
const CONTEXT = 3;
const B = 32;
const WIDTH = 32;
const EMBEDDING = 10;

/** Characters of a language in which each of them is mostly followed by one of three. */
function characters(length: number): Int32Array {
  const rng = new Rng(7);
  const text = new Int32Array(length);
  for (let i = 1; i < length; i++) {
    text[i] = rng.uniform() < 0.1 ? rng.integer(V) : (5 * text[i - 1] + 1 + rng.integer(3)) % V;
  }
  return text;
}

const text = characters(4000);

/** Trains a network by plain gradient descent, as the lecture does, and returns what was seen every fifth step. */
export async function train(engine: Engine, options: NetworkOptions = {}): Promise<RunHistory> {
  const { seed = 1, kind = "tanh", layers = 4, learningRate = 0.1, steps = 61 } = options;
  const { gain, scaleByFanIn = true, hiddenBias = 0, outputGain = 0.1 } = options;
  const rng = new Rng(seed);
  const hiddenInit: Initializer = (data, shape) => {
    if (scaleByFanIn) kaimingNormal(data, shape, { nonlinearity: kind, rng });
    else normal(data, { rng });
    if (gain !== undefined) for (let i = 0; i < data.length; i++) data[i] *= gain;
  };
  const outputInit: Initializer = (data, shape) => {
    kaimingNormal(data, shape, { nonlinearity: "linear", rng });
    for (let i = 0; i < data.length; i++) data[i] *= outputGain;
  };
  const model = {
    embedding: new Embedding(V, EMBEDDING, { rng }),
    hidden: Array.from(
      { length: layers },
      (_, index) =>
        new Linear(index === 0 ? CONTEXT * EMBEDDING : WIDTH, WIDTH, {
          rng,
          weightInit: hiddenInit,
          biasInit: (data) => data.fill(hiddenBias),
        }),
    ),
    output: new Linear(WIDTH, V, { rng, weightInit: outputInit, biasInit: (data) => data.fill(0) }),
  };

  let x = reshape(model.embedding.forward(input("inputs", [B, CONTEXT], "int32")), [B, CONTEXT * EMBEDDING]);
  for (const [index, layer] of model.hidden.entries()) {
    const y = layer.forward(x);
    x = tap(kind === "tanh" ? tanh(y) : relu(y), `hidden.${index}`, { kind });
  }
  const logits = tap(model.output.forward(x), "logits", { kind: "logits" });
  const loss = crossEntropy(logits, input("targets", [B], "int32"));

  const parameters = trainableParameters(model);
  const optimizer = new SGD([{ parameters, weightDecay: 0 }]);
  return watchTraining(engine, { loss, parameters, optimizer, learningRate, steps, feeds: () => batch(rng) });
}

export interface WatchedTraining {
  readonly loss: Tensor;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly optimizer: Pick<SGD, "step">;
  readonly learningRate: number;
  readonly steps: number;
  /** Of the next batch. */
  readonly feeds: () => Feeds;
}

/** Trains, and returns every loss and what was seen every fifth step. */
export async function watchTraining(engine: Engine, options: WatchedTraining): Promise<RunHistory> {
  const { loss, parameters, optimizer, learningRate, steps, feeds } = options;
  const watch = collect(loss, { parameters, bins: 8, sampleSize: 64 });
  const gradients = Object.fromEntries([...watch.gradients].map(([name, tensor]) => [`grad.${name}`, tensor]));
  const plain = await compile(engine, graphOf({ loss, ...gradients }));
  const watched = await compile(engine, graphOf({ loss, ...gradients, ...watch.outputs }));
  const losses: LossRecord[] = [];
  const statistics: StatisticsLine[] = [];
  for (let step = 0; step < steps; step++) {
    const isWatched = step % 5 === 0;
    const results = await (isWatched ? watched : plain).run(feeds());
    const value = Number(results.loss.data[0]);
    losses.push({ step, loss: Number.isFinite(value) ? value : null });
    const before = copyMatrices(parameters);
    const arrays = [...parameters.keys()].map((name) => [name, results[`grad.${name}`].data as Float32Array]);
    optimizer.step(Object.fromEntries(arrays), { learningRate });
    if (isWatched) statistics.push({ step, records: withUpdates(summarize(watch, results), before, parameters) });
  }
  await plain.dispose();
  await watched.dispose();
  return { losses, statistics, vocabSize: V };
}

function batch(rng: Rng): Record<"inputs" | "targets", Int32Array> {
  return windows(rng, { rows: B, length: CONTEXT, predicts: "last" });
}

/** Windows of characters from anywhere in the text, and the character after each window, or after each of its characters. */
export function windows(
  rng: Rng,
  { rows, length, predicts }: { rows: number; length: number; predicts: "last" | "every" },
): Record<"inputs" | "targets", Int32Array> {
  const asked = predicts === "every" ? length : 1;
  const inputs = new Int32Array(rows * length);
  const targets = new Int32Array(rows * asked);
  for (let row = 0; row < rows; row++) {
    const place = rng.integer(text.length - length);
    inputs.set(text.subarray(place, place + length), row * length);
    targets.set(text.subarray(place + length + 1 - asked, place + length + 1), row * asked);
  }
  return { inputs, targets };
}
