/**
 * The models of the lectures, whose logits, loss and gradients PyTorch computed (fixtures/generateLectures.py).
 */

import { readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { Bigram, ConvNet, DeepMLP, GRU, LadderGPT, type LanguageModel, MLP, RNN, WaveNet } from "@llm-learning/models";
import {
  type Feeds,
  grad,
  type Graph,
  namedParameters,
  type Parameter,
  trace,
  trainableParameters,
  Training,
} from "@llm-learning/nn-core";

export interface LectureCase {
  name: string;
  model: string;
  config: unknown;
  inputIds: { shape: number[]; data: number[] };
  targets: { shape: number[]; data: number[] };
  logits: number[];
  loss: number;
  gradients: Record<string, number[]>;
  /** Running statistics after the step. */
  updates: Record<string, number[]>;
  /** Logits in use with those statistics. */
  inference?: number[];
}

const path = new URL("fixtures/lectures.json", import.meta.url);

export const lectureCases: readonly LectureCase[] = JSON.parse(readFileSync(path, "utf8")).cases;

type Construct = new (config: never, context: { rng: Rng }) => LanguageModel;
const models: Record<string, Construct> = { Bigram, ConvNet, DeepMLP, GRU, LadderGPT, MLP, RNN, WaveNet };

/** The model of a case, with its weights. */
export function modelOf({ model, config }: LectureCase): LanguageModel {
  const built = new models[model](config as never, { rng: new Rng(0) });
  [...trainableParameters(built)].forEach(([name, parameter], index) => {
    fill(parameter, index, 0.5, /norm.*weight$/i.test(name) ? 1 : 0);
  });
  return built;
}

/** Value i of parameter `index`: a hash of both, uniform within `offset` +- `scale`; as the script's `fill`. */
function fill({ data }: Parameter, index: number, scale: number, offset: number): void {
  for (let i = 0; i < data.length; i++) {
    let x = Math.imul(i + 1 + 4096 * index, 2654435761) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = (x ^ (x >>> 13)) >>> 0;
    data[i] = offset + scale * ((2 * x) / 2 ** 32 - 1);
  }
}

/** Logits and loss of training, and the gradient of each parameter under the parameter's name. */
export function trainingGraph(model: LanguageModel, { inputIds, targets }: LectureCase): Graph {
  const parameters = [...trainableParameters(model)];
  const inputs = {
    inputIds: { shape: inputIds.shape, dtype: "int32" },
    targets: { shape: targets.shape, dtype: "int32" },
  } as const;
  return trace(inputs, (given) => {
    const training = new Training();
    const loss = model.loss(given.inputIds, given.targets, training);
    const gradients = grad(
      loss,
      parameters.map(([, parameter]) => parameter),
    );
    const named = parameters.map(([name], index) => [name, gradients[index]]);
    const { logits } = model.forward(given.inputIds, { training: new Training() });
    return { logits, loss, ...Object.fromEntries(named), ...updates(model, training) };
  });
}

function updates(model: LanguageModel, training: Training) {
  const named = [...namedParameters(model)].filter(([, parameter]) => training.updates.has(parameter));
  return Object.fromEntries(named.map(([name, parameter]) => [name, training.updates.get(parameter)!]));
}

export function feedsOf({ inputIds, targets }: LectureCase): Feeds {
  return { inputIds: Int32Array.from(inputIds.data), targets: Int32Array.from(targets.data) };
}

/** What PyTorch computed, by the names of `trainingGraph`'s outputs. */
export function expectedOf({ logits, loss, gradients, updates }: LectureCase): [name: string, values: number[]][] {
  return [["logits", logits], ["loss", [loss]], ...Object.entries(gradients), ...Object.entries(updates)];
}
