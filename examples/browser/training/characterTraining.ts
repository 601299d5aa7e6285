/**
 * A GPT that learns the characters of a text: what the page's worker runs, step by step.
 *
 * The packages of this repository put together, and nothing of a browser: the engine is given, so the tests run the same training on the
 * reference engine. The trainer's loop (apps/trainer) adds checkpoints and much else, and is no different at heart.
 */

import {
  type Batch,
  encodeText,
  evenlySpacedExamples,
  ExampleSampler,
  splitTokens,
  TextWindows,
} from "@llm-learning/datasets";
import { collect, type Collection, type StatisticsRecord, summarize } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import {
  AdamW,
  clipScale,
  compile,
  decayGroups,
  encodeSafetensors,
  type Engine,
  globalNorm,
  grad,
  type Graph,
  parameterCount,
  type Program,
  safetensorsEntry,
  type Schedule,
  stateDict,
  trace,
  trainableParameters,
  warmupCosine,
} from "@llm-learning/nn-core";
import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { checkCounts, type TrainingSettings } from "./trainingSettings.ts";

/** What a step did, under the names of a run's metrics.jsonl. */
export interface StepRecord {
  /** Steps taken, this one included. */
  readonly step: number;
  /** Loss of the step's batch, before the step, in nats per character. */
  readonly trainLoss: number;
  /** Length of the whole gradient before it is clipped. */
  readonly gradNorm: number;
  readonly learningRate: number;
}

const MAX_NORM = 1;
const WEIGHT_DECAY = 0.1;
/** Batches of held-out text, at most: a look is to cost less than the steps between two. */
const VALIDATION_BATCHES = 4;

/** A model and all that decides its next step. */
export class CharacterTraining {
  readonly settings: TrainingSettings;
  readonly tokenizer: CharacterTokenizer;
  readonly model: GPT;
  /** Characters to learn from, and characters held out. */
  readonly lengths: { readonly train: number; readonly validation: number };
  readonly #engine: Engine;
  readonly #validation: TextWindows;
  readonly #sampler: ExampleSampler;
  readonly #optimizer: AdamW;
  readonly #schedule: Schedule;
  readonly #plain: Program;
  #watching: { readonly program: Program; readonly collection: Collection } | undefined;
  #evaluating: Program | undefined;
  #step = 0;

  private constructor(settings: TrainingSettings, engine: Engine, parts: Prepared) {
    const { text, seed, steps, blockSize, batchSize, learningRate } = settings;
    this.settings = settings;
    this.tokenizer = parts.tokenizer;
    this.model = parts.model;
    this.#engine = engine;
    const { train, validation } = splitTokens(encodeText(text, this.tokenizer), { blockSize });
    this.lengths = { train: train.length, validation: validation.length };
    this.#validation = new TextWindows(validation, blockSize);
    const rng = new Rng(seed).fork("batches");
    this.#sampler = new ExampleSampler(new TextWindows(train, blockSize), { batchSize, rng });
    this.#optimizer = new AdamW(decayGroups(this.model, WEIGHT_DECAY), { beta2: 0.99 });
    const warmupSteps = Math.min(100, Math.floor(steps / 10));
    this.#schedule = warmupCosine({ learningRate, warmupSteps, decaySteps: steps });
    this.#plain = parts.program;
  }

  /**
   * Makes the model and compiles its step.
   *
   * @throws RangeError for sizes that make no model, and for a text that is too short for them.
   */
  static async prepare(settings: TrainingSettings, engine: Engine): Promise<CharacterTraining> {
    checkCounts(settings);
    const { text, seed, nLayer, nHead, nEmbd, blockSize } = settings;
    if (text === "") throw new RangeError("expected a text to learn from, got none: paste one");
    const tokenizer = CharacterTokenizer.fromText(text);
    // Whatever is wrong with the text is said before the model is made.
    splitTokens(encodeText(text, tokenizer), { blockSize });
    const sizes = { vocabSize: tokenizer.vocabSize, nLayer, nHead, nEmbd, blockSize };
    const model = new GPT(sizes, { rng: new Rng(seed).fork("weights") });
    const program = await compile(engine, plainStep(model, settings));
    return new CharacterTraining(settings, engine, { tokenizer, model, program });
  }

  /** Steps taken. */
  get step(): number {
    return this.#step;
  }

  get parameterCount(): number {
    return parameterCount(this.model);
  }

  /** Takes a step. */
  async take(): Promise<StepRecord> {
    return this.#update(await this.#plain.run({ ...this.#sampler.next() }));
  }

  /** Takes a step, with the same result, and looks at what happens inside the model on the way. */
  async takeWatched(): Promise<{ record: StepRecord; statistics: StatisticsRecord[] }> {
    const { program, collection } = (this.#watching ??= await this.#compileWatched());
    const results = await program.run({ ...this.#sampler.next() });
    return { record: this.#update(results), statistics: summarize(collection, results) };
  }

  /** Loss on some windows of the text that is held out, always the same ones, in nats per character. */
  async validationLoss(): Promise<number> {
    const program = (this.#evaluating ??= await compile(this.#engine, lossOnly(this.model, this.settings)));
    const batchSize = this.settings.batchSize;
    const count = Math.min(VALIDATION_BATCHES, Math.ceil(this.#validation.size / batchSize));
    let sum = 0;
    for (const batch of evenlySpacedExamples(this.#validation, { batchSize, count })) {
      sum += Number((await program.run({ ...batch })).loss.data[0]);
    }
    return sum / count;
  }

  /** The weights as a safetensors file, which says too what the model is and which characters it knows. */
  weights(): Uint8Array {
    const entries = [...stateDict(this.model)].map(([name, { shape, data }]) => {
      return [name, safetensorsEntry(data, shape)] as const;
    });
    return encodeSafetensors(entries, {
      config: JSON.stringify(this.model.config),
      step: String(this.#step),
      tokenizer: JSON.stringify(this.tokenizer),
    });
  }

  #update(results: Awaited<ReturnType<Program["run"]>>): StepRecord {
    const { loss, norm, ...gradients } = results;
    const trainLoss = Number(loss.data[0]);
    const gradNorm = Number(norm.data[0]);
    if (!Number.isFinite(trainLoss) || !Number.isFinite(gradNorm)) {
      throw new RangeError(`the training diverged at step ${this.#step + 1}: take a lower learning rate`);
    }
    const learningRate = this.#schedule(this.#step);
    const named = Object.entries(gradients).map(([name, { data }]) => [name, data as Float32Array]);
    const gradientScale = clipScale(gradNorm, MAX_NORM);
    this.#optimizer.step(Object.fromEntries(named), { learningRate, gradientScale });
    this.#step += 1;
    return { step: this.#step, trainLoss, gradNorm, learningRate };
  }

  async #compileWatched() {
    const { model, settings } = this;
    let collection: Collection | undefined;
    const graph = trace(shapesOf(settings), ({ inputs, targets }) => {
      const loss = model.loss(inputs, targets);
      collection = collect(loss, { parameters: trainableParameters(model) });
      const gradients = Object.fromEntries(collection.gradients);
      return { loss, norm: globalNorm(Object.values(gradients)), ...gradients, ...collection.outputs };
    });
    return { program: await compile(this.#engine, graph), collection: collection as unknown as Collection };
  }
}

interface Prepared {
  readonly tokenizer: CharacterTokenizer;
  readonly model: GPT;
  readonly program: Program;
}

/** The loss, the norm of the gradient, and the gradient by each parameter's name. */
function plainStep(model: GPT, settings: TrainingSettings): Graph {
  return trace(shapesOf(settings), ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets);
    const parameters = trainableParameters(model);
    const gradients = grad(loss, [...parameters.values()]);
    const named = [...parameters.keys()].map((name, index) => [name, gradients[index]]);
    return { loss, norm: globalNorm(gradients), ...Object.fromEntries(named) };
  });
}

function lossOnly(model: GPT, settings: TrainingSettings): Graph {
  return trace(shapesOf(settings), ({ inputs, targets }) => ({ loss: model.loss(inputs, targets) }));
}

function shapesOf({ batchSize, blockSize }: TrainingSettings) {
  const shape = [batchSize, blockSize];
  return { inputs: { shape, dtype: "int32" }, targets: { shape, dtype: "int32" } } as const satisfies Record<
    keyof Batch,
    unknown
  >;
}
