/**
 * Lesson 9: the four plots that tell a healthy network from a sick one. Run it: npm run lesson -- 9 [--data names.txt]
 */

import { DocumentContexts, ExampleSampler } from "@llm-learning/datasets";
import {
  activationDistribution,
  activationSummaries,
  collect,
  copyMatrices,
  gradientDistribution,
  gradientSummaries,
  type StatisticsRecord,
  summarize,
  updateRatio,
  updateToData,
  weightGradientDistribution,
  weightGradientSummaries,
} from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { DeepMLP, type DeepMLPOptions } from "@llm-learning/models";
import { constant, trainableParameters, Training } from "@llm-learning/nn-core";
import { draw } from "../drawing.ts";
import { evaluate } from "../evaluate.ts";
import { fit } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames } from "../names.ts";

const { tokenizer, boundary, train } = await readNames();
const examples = new DocumentContexts(train, { boundary, blockSize: 3 });
const sizes = { vocabSize: tokenizer.vocabSize, blockSize: 3, nEmbd: 10, nHidden: 100, nLayer: 5 };
const learningRate = 0.1;
const total = steps(1000, 200);

// Five hidden layers of 100 tanh neurons, three times: started well, started with weights too small, and with BatchNorm, which
// does not mind.
export const runs = {
  plain: await watch("plain", { ...sizes, batchNorm: false, gain: 5 / 3 }),
  faded: await watch("faded", { ...sizes, batchNorm: false, gain: 1 / 2 }),
  batchNorm: await watch("batchnorm", { ...sizes, batchNorm: true }),
};

show("no BatchNorm, gain 5/3", runs.plain);
show("no BatchNorm, gain 1/2", runs.faded);
show("BatchNorm", runs.batchNorm);

// Trains a model and looks at it: at every step how far each weight moves, and after the last one at everything else.
async function watch(name: string, options: DeepMLPOptions) {
  const model = new DeepMLP(options, { rng: new Rng(2147483647) });
  const parameters = trainableParameters(model);
  const matrices = [...copyMatrices(parameters).keys()]; // the parameters with two dimensions: biases and gains tell little
  const updates = new Map(matrices.map((matrix) => [matrix, [] as number[]]));
  let before = copyMatrices(parameters);
  const start = await look(model);
  await fit(model, examples, {
    steps: total,
    batchSize: 32,
    rng: new Rng(42),
    learningRate: () => learningRate,
    onStep: (step) => {
      // What is here is what the last step left.
      if (step > 0) for (const [matrix, ratios] of updates) ratios.push(moved(matrix));
      before = copyMatrices(parameters);
    },
  });
  const end = await look(model);
  const curves = [...updates].map(([label, values]) => ({ label, values }));
  const [first, last] = [start, end].map((records) => records.filter(isTanh)); // the logits have no neighbours to compare with
  const plots = [
    await draw(`09-${name}-1-activations-first`, activationDistribution(activationSummaries(first))),
    await draw(`09-${name}-1-activations-last`, activationDistribution(activationSummaries(last))),
    await draw(`09-${name}-2-gradients-first`, gradientDistribution(gradientSummaries(first))),
    await draw(`09-${name}-2-gradients-last`, gradientDistribution(gradientSummaries(last))),
    await draw(`09-${name}-3-weight-gradients`, weightGradientDistribution(weightGradientSummaries(end))),
    await draw(`09-${name}-4-updates`, updateRatio(curves)),
  ];
  return { start, end, updates, plots };

  function moved(matrix: string): number {
    return updateToData(before.get(matrix)!, parameters.get(matrix)!.data)!;
  }
}

/** Statistics of every tanh layer, of every matrix, and of the gradients of both, for one batch in training. */
async function look(model: DeepMLP) {
  const batch = new ExampleSampler(examples, { batchSize: 32, rng: new Rng(7) }).next();
  const loss = model.loss(constant(batch.inputs, [32, 3]), constant(batch.targets, [32]), new Training());
  const watched = collect(loss, { parameters: trainableParameters(model) });
  return summarize(watched, await evaluate({ ...watched.outputs }));
}

type Run = (typeof runs)["plain"];

function show(name: string, { start, end, updates }: Run): void {
  const matrices = end.filter(({ kind }) => kind === "parameter");
  const ratios = [...updates.values()].map((values) => mean(values.slice(-100).map(Math.log10)));
  console.log(`\n${name}`.padEnd(32) + "the five tanh layers");
  for (const [when, records] of Object.entries({ "at the start": start, [`after ${total} steps`]: end })) {
    const layers = records.filter(isTanh);
    print(`std ${when}`, layers, ({ std }) => std!.toFixed(2));
    print("  saturated", layers, ({ saturated }) => `${(100 * saturated!).toFixed(1)} %`);
    print("  std of the gradient", layers, ({ gradient }) => gradient!.std!.toExponential(1));
  }
  console.log("".padEnd(31) + "embedding, the five layers, the last layer");
  print("grad:data", matrices, ({ gradientToData }) => gradientToData!.toExponential(1));
  print("log10 of update:data", ratios, (ratio) => ratio.toFixed(2));
}

function isTanh({ kind }: StatisticsRecord): boolean {
  return kind === "tanh";
}

function print<T>(name: string, items: readonly T[], text: (item: T) => string): void {
  console.log(name.padEnd(26) + items.map((item) => text(item).padStart(9)).join(""));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
