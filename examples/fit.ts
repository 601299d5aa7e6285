/**
 * Training in forty lines: what every lesson from the fourth on does with its model. The trainer's loop adds checkpoints, progress and
 * much else, and is no different at heart.
 */

import { evenlySpacedExamples, everyExample, type ExampleSet, ExampleSampler } from "@llm-learning/datasets";
import type { Rng } from "@llm-learning/init";
import type { LanguageModel } from "@llm-learning/models";
import { AdamW, compile, grad, type Program, SGD, trace, trainableParameters, Training } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

export interface FitOptions {
  readonly steps: number;
  readonly batchSize: number;
  /** Draws the batches. */
  readonly rng: Rng;
  /** Learning rate of each step. */
  readonly learningRate: (step: number) => number;
  /** @defaultValue "sgd", without momentum, as the lectures on names have it */
  readonly optimizer?: "sgd" | "adamw";
  /** Told of the loss of each step's batch, before the step. */
  readonly onStep?: (step: number, loss: number) => void;
}

/**
 * Trains `model` in place.
 *
 * @returns the loss of each step's batch.
 */
export async function fit(model: LanguageModel, examples: ExampleSet, options: FitOptions): Promise<number[]> {
  const { steps, batchSize, rng, learningRate, onStep } = options;
  const parameters = trainableParameters(model);
  const training = new Training();
  const graph = trace(shapesOf(model, examples, batchSize), ({ inputs, targets }) => {
    const loss = model.loss(inputs, targets, training);
    const gradients = grad(loss, [...parameters.values()]);
    const named = [...parameters.keys()].map((name, index) => [name, gradients[index]]);
    const statistics = [...training.updates.values()].map((value, index) => [`statistic${index}`, value]);
    return { loss, ...Object.fromEntries(named), ...Object.fromEntries(statistics) };
  });
  const program = await compile(onnxruntimeEngine({ threads: 1 }), graph);
  const groups = [{ parameters, weightDecay: 0 }];
  const optimizer = options.optimizer === "adamw" ? new AdamW(groups) : new SGD(groups);
  const sampler = new ExampleSampler(examples, { batchSize, rng });

  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, ...results } = await program.run({ ...sampler.next() });
    losses.push(Number(loss.data[0]));
    onStep?.(step, losses[step]);
    const gradients = Object.fromEntries(
      [...parameters.keys()].map((name) => [name, results[name].data as Float32Array]),
    );
    optimizer.step(gradients, { learningRate: learningRate(step) });
    [...training.updates.keys()].forEach(({ data }, index) =>
      data.set(results[`statistic${index}`].data as Float32Array),
    );
  }
  await program.dispose();
  return losses;
}

/**
 * Mean loss of `model` over `examples`, in nats per token.
 *
 * @param most - Of more examples, about so many are asked, spread evenly: the windows of a text overlap.
 */
export async function lossOf(model: LanguageModel, examples: ExampleSet, most = Infinity): Promise<number> {
  const batchSize = Math.min(examples.size, most, 256);
  const program = await lossProgram(model, examples, batchSize);
  const batches =
    examples.size > most
      ? evenlySpacedExamples(examples, { batchSize, count: Math.ceil(most / batchSize) })
      : everyExample(examples, { batchSize });
  let sum = 0;
  let count = 0;
  for (const { inputs, targets } of batches) {
    const asked = targets.filter((target) => target >= 0).length;
    const { loss } = await program.run({ inputs, targets });
    sum += Number(loss.data[0]) * asked;
    count += asked;
  }
  await program.dispose();
  return sum / count;
}

async function lossProgram(model: LanguageModel, examples: ExampleSet, batchSize: number): Promise<Program> {
  const graph = trace(shapesOf(model, examples, batchSize), ({ inputs, targets }) => ({
    loss: model.loss(inputs, targets),
  }));
  return compile(onnxruntimeEngine({ threads: 1 }), graph);
}

function shapesOf({ predicts }: LanguageModel, { inputLength, targetLength }: ExampleSet, batchSize: number) {
  return {
    inputs: { shape: [batchSize, inputLength], dtype: "int32" },
    targets: { shape: predicts === "every" ? [batchSize, targetLength] : [batchSize], dtype: "int32" },
  } as const;
}
