/**
 * A preset's training step on several engines: the same weights, the same examples, the same dropout, and how far apart what comes out is.
 */

import { Rng } from "@llm-learning/init";
import {
  compile,
  elementCount,
  type Engine,
  graphOf,
  iota,
  referenceEngine,
  type Tensor,
  trainableParameters,
} from "@llm-learning/nn-core";
import { tfjsNodeEngine } from "@llm-learning/tfjs/node";
import { type PresetName, resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import { buildModel } from "../../src/model/buildModel.ts";
import { createOptimizer } from "../../src/training/optimizer.ts";
import { GRADIENT, traceStep } from "../../src/training/trainingPrograms.ts";

/** What is seen of a preset: its first weights, and examples for some steps. */
export interface Trial {
  readonly config: TrainConfig;
  readonly vocabSize: number;
  readonly rows: number;
}

/** A preset as it is, but for the number of examples in a step: one, or for BatchNorm, whose variance is that of a batch, 32. */
export function wholePreset(preset: PresetName): Trial {
  const config = { ...resolveConfig({ preset }), threads: 2 };
  return { config, vocabSize: 65, rows: config.batchNorm === true ? 32 : 1 };
}

/** A preset with its kind of model, its optimizer and its rates, and a few thousand weights. */
export function smallPreset(preset: PresetName): Trial {
  const { config } = wholePreset(preset);
  const most = { nLayer: 2, nEmbd: 24, nHidden: 24, nHead: 4, blockSize: 8, threads: 1 };
  const keys = Object.keys(most) as (keyof typeof most)[];
  const sizes = keys.map((key) => [key, Math.min(config[key] ?? most[key], most[key])]);
  return { config: { ...config, ...Object.fromEntries(sizes) }, vocabSize: 27, rows: 3 };
}

export interface Step {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Losses and gradients of some steps, each after the optimizer's update by the one before. */
export async function steps({ config, vocabSize, rows }: Trial, engine: Engine, count: number): Promise<Step[]> {
  const model = buildModel(config, vocabSize, new Rng(7));
  const { graph, training } = traceStep(model, rows);
  const optimizer = createOptimizer(model, config);
  const program = await compile(engine, graph);
  // Of these tokens no ReLU is given what rounding takes to the other side of its corner, where its gradient jumps.
  const tokens = new Rng(9);
  const seen: Step[] = [];
  for (let step = 0; step < count; step++) {
    const [inputs, targets] = ["inputs", "targets"].map((name) => {
      const { shape } = graph.inputs.get(name) as Tensor;
      return Int32Array.from({ length: elementCount(shape as readonly number[]) }, () => tokens.integer(vocabSize));
    });
    const outputs = await program.run({ inputs, targets, ...training.draw(new Rng(step)) });
    const gradients = Object.fromEntries(
      [...trainableParameters(model).keys()].map((name) => [
        name,
        outputs[GRADIENT + name].data.slice() as Float32Array,
      ]),
    );
    seen.push({ loss: outputs.loss.data[0] as number, gradients: new Map(Object.entries(gradients)) });
    await optimizer.step(gradients, { learningRate: config.learningRate });
  }
  await program.dispose();
  await optimizer.dispose();
  return seen;
}

/** What two engines make of a step, where it differs by more than `tolerance` of the loss, or of the largest element of a gradient. */
export function differences(actual: Step, expected: Step, tolerance: number): string[] {
  const far = Math.abs(actual.loss - expected.loss) > tolerance * expected.loss;
  const losses = far || Number.isNaN(actual.loss) ? [`loss: expected ${expected.loss}, got ${actual.loss}`] : [];
  const gradients = [...expected.gradients].flatMap(([name, values]) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const got = actual.gradients.get(name) as Float32Array;
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
    return worst <= tolerance * largest ? [] : [`${name}: off by ${worst} of at most ${largest}`];
  });
  return [...losses, ...gradients];
}

/** The engines that the native one is compared with: the reference, and TensorFlow's kernels where they are set up. */
export async function otherEngines(): Promise<Engine[]> {
  const engines = [referenceEngine({ precision: "float64" })];
  try {
    const tfjs = tfjsNodeEngine();
    await (await compile(tfjs, graphOf({ y: iota(1) }))).dispose();
    return [...engines, tfjs];
  } catch (error) {
    console.log(
      `engines agree: nothing is compared with TensorFlow: ${error instanceof Error ? error.message : error}`,
    );
    return engines;
  }
}
