/**
 * Lesson 6: neurons that learn nothing. Run it: npm run lesson -- 6 [--data names.txt]
 */

import { DocumentContexts, ExampleSampler } from "@llm-learning/datasets";
import { deadNeuronMatrix } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { MLP } from "@llm-learning/models";
import { constant, grad, taps } from "@llm-learning/nn-core";
import { draw } from "../drawing.ts";
import { evaluate, numbers } from "../evaluate.ts";
import { fit, lossOf } from "../fit.ts";
import { steps } from "../lessonLength.ts";
import { readNames } from "../names.ts";

const { tokenizer, boundary, train, validation } = await readNames();
const examples = new DocumentContexts(train, { boundary, blockSize: 3 });
const held = new DocumentContexts(validation, { boundary, blockSize: 3 });
const [n, H, fanIn] = [32, 200, 30]; // examples of a batch, hidden neurons, inputs of each

// Lesson 5 repaired the logits of its model. Its hidden weights are N(0, 1) still, and a neuron adds up 30 products.
const large = makeModel("fixed-logits");
// The same model with hidden weights of N(0, 0.2).
const small = makeModel("fixed-tanh");
// And once more, with one bias far out: whatever the letters are, that neuron says 1.
const spoiled = makeModel("fixed-tanh");
const victim = 7;
spoiled.hidden.bias!.data[victim] = 30;

// The hidden layer for the examples of one batch: white where a neuron is saturated, and black elsewhere. A column that is white from
// top to bottom is a neuron that no example moves.
const batch = new ExampleSampler(examples, { batchSize: n, rng: new Rng(42) }).next();
export const looks = { large: await look(large), small: await look(small), spoiled: await look(spoiled) };
export const matrices = {
  large: await draw("06-large-weights", deadNeuronMatrix({ activations: looks.large.h, neurons: H })),
  small: await draw("06-small-weights", deadNeuronMatrix({ activations: looks.small.h, neurons: H })),
  spoiled: await draw("06-dead-neuron", deadNeuronMatrix({ activations: looks.spoiled.h, neurons: H })),
};
console.log("\nhidden weights            |h| > 0.99   dead neurons   share of the gradient that passes");
show("N(0, 1)", looks.large);
show("N(0, 0.2)", looks.small);
show("N(0, 0.2), one bias 30", looks.spoiled);

// A neuron learns the sum of what its examples teach. Where every example is saturated, that is nothing.
export const gradients = {
  dead: looks.spoiled.learns[victim],
  largest: Math.max(...looks.spoiled.learns),
};
console.log(
  `\nlargest gradient of a hidden weight: ${gradients.largest.toExponential(1)}, and ${gradients.dead.toExponential(1)} in neuron ${victim}`,
);

// Training does not wake it: what has no gradient does not move.
const before = weightsOf(spoiled, victim);
const neighbourBefore = weightsOf(spoiled, victim + 1);
export const trained = {
  large: await trainedLoss(large),
  small: await trainedLoss(small),
  spoiled: await trainedLoss(spoiled),
};
export const moved = {
  victim: largestChange(before, weightsOf(spoiled, victim)),
  neighbour: largestChange(neighbourBefore, weightsOf(spoiled, victim + 1)),
};
console.log(
  `in training, the weights of neuron ${victim} moved by up to ${moved.victim}, those of its neighbour by up to ${moved.neighbour.toFixed(2)}\n`,
);
console.log(`loss on names it has not seen: ${trained.large.toFixed(3)} from N(0, 1)`);
console.log(`                               ${trained.small.toFixed(3)} from N(0, 0.2)`);
console.log(`                               ${trained.spoiled.toFixed(3)} with the dead neuron`);

function makeModel(init: "fixed-logits" | "fixed-tanh"): MLP {
  const sizes = { vocabSize: tokenizer.vocabSize, blockSize: 3, nEmbd: fanIn / 3, nHidden: H };
  return new MLP({ ...sizes, init }, { rng: new Rng(2147483647) });
}

async function look(model: MLP) {
  const loss = model.loss(constant(batch.inputs, [n, 3]), constant(batch.targets, [n]));
  const hidden = taps([loss]).get("hidden")!.value; // [n, H], which the model has named
  const values = await evaluate({ hidden, gradient: grad(loss, [model.hidden.weight])[0] });
  const h = numbers(values.hidden);
  const gradient = numbers(values.gradient); // [H, fanIn]
  const neurons = Array.from({ length: H }, (_, neuron) => neuron);
  const isDead = (neuron: number): boolean => h.every((value, i) => i % H !== neuron || Math.abs(value) > 0.99);
  return {
    h,
    saturated: mean(h.map((value) => Number(Math.abs(value) > 0.99))),
    dead: neurons.filter(isDead),
    /** The derivative of tanh is 1 - tanh^2: what is left of a gradient on its way through. */
    passes: mean(h.map((value) => 1 - value ** 2)),
    /** Largest gradient of each neuron's weights. */
    learns: neurons.map((neuron) => Math.max(...gradient.slice(neuron * fanIn, (neuron + 1) * fanIn).map(Math.abs))),
  };
}

async function trainedLoss(model: MLP): Promise<number> {
  const total = steps(20_000, 100);
  const learningRate = (step: number): number => (step < total / 2 ? 0.1 : 0.01);
  await fit(model, examples, { steps: total, batchSize: 32, rng: new Rng(42), learningRate });
  return lossOf(model, held);
}

function weightsOf({ hidden }: MLP, neuron: number): Float32Array {
  return hidden.weight.data.slice(neuron * fanIn, (neuron + 1) * fanIn);
}

function largestChange(before: Float32Array, after: Float32Array): number {
  return Math.max(...before.map((value, i) => Math.abs(value - after[i])));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function show(name: string, { saturated, dead, passes }: (typeof looks)["large"]): void {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${name.padEnd(26)}${percent(saturated).padStart(10)}   ${String(dead.length).padStart(12)}   ${percent(passes).padStart(33)}`,
  );
}
