/**
 * Lesson 8: batch normalization from scratch, and the bias that it makes useless. Run it: npm run lesson -- 8
 */

import { Rng } from "@llm-learning/init";
import {
  add,
  compile,
  concat,
  div,
  graphOf,
  input,
  Linear,
  mean,
  mul,
  pow,
  referenceEngine,
  slice,
  sub,
  type Tensor,
  Training,
  variance,
} from "@llm-learning/nn-core";
import { BatchNorm } from "@llm-learning/normalization";
import { evaluate, numbers } from "../evaluate.ts";
import { randn } from "../randn.ts";

const rng = new Rng(42);
const [n, fanIn, H] = [32, 20, 8];
const x = add(mul(randn([n, fanIn], rng), 3), 1); // [n, fanIn], neither centred nor of variance 1
const linear = new Linear(fanIn, H, { rng, bias: false });
const hpreact = linear.forward(x); // [n, H]

// By hand: each neuron's values over the batch get mean 0 and standard deviation 1, then a learned gain and shift.
function normalize(values: Tensor): Tensor {
  const rows = { axes: 0, keepDims: true } as const;
  const centred = sub(values, mean(values, rows)); // [n, H]
  return div(centred, pow(add(variance(values, rows), 1e-5), 0.5)); // gain 1, shift 0, as at the start
}
const byHand = normalize(hpreact);

// By the library. The lecture divides the sum of squares by n - 1 (correction 1), PyTorch and the default here by n.
const training = new Training();
const norm = new BatchNorm(H, { correction: 1 });
const byLayer = norm.forward(hpreact, training);

// A bias in front is subtracted again with the mean: it changes nothing, and would never be learned.
const bias = mul(randn([H], rng), 10);
const withBias = normalize(add(hpreact, bias));

// What an example becomes depends on its neighbours: the same first example in another batch.
const others = linear.forward(randn([n, fanIn], rng));
const first = slice(hpreact, { axis: 0, start: 0, end: 1 });
const elsewhere = normalize(concat([first, slice(others, { axis: 0, start: 1 })]));
const firstOf = (batch: Tensor): Tensor => slice(batch, { axis: 0, start: 0, end: 1 });

export const values = await evaluate({
  byHand,
  byLayer,
  withBias,
  means: mean(byHand, { axes: 0 }),
  variances: variance(byHand, { axes: 0 }),
  here: firstOf(byHand),
  elsewhere: firstOf(elsewhere),
});
console.log(`by hand and by the layer:       largest difference ${gap("byHand", "byLayer").toExponential(1)}`);
console.log(`with and without a bias before: largest difference ${gap("byHand", "withBias").toExponential(1)}`);
console.log(`one example in two batches:     largest difference ${gap("here", "elsewhere").toFixed(2)}`);

// In use there is no batch to take a mean of. Training keeps running statistics instead: each step moves them a tenth of the way
// to those of its batch.
const batch = input("x", [n, fanIn]);
const session = new Training();
const running = new BatchNorm(H);
const y = running.forward(linear.forward(batch), session);
const step = await compile(referenceEngine(), graphOf({ y, ...namedUpdates(session) }));
for (let i = 0; i < 200; i++) {
  const data = Float32Array.from({ length: n * fanIn }, () => 1 + 3 * rng.normal());
  const results = await step.run({ x: data });
  [...session.updates.keys()].forEach((parameter, index) =>
    parameter.data.set(results[`update${index}`].data as Float32Array),
  );
}

// The mean over the data is known here: every input has mean 1, so a neuron has the sum of its weights.
export const trueMeans = Array.from({ length: H }, (_, neuron) =>
  linear.weight.data.subarray(neuron * fanIn, (neuron + 1) * fanIn).reduce((sum, weight) => sum + weight, 0),
);
export const runningMeans = Array.from(running.running.mean.data);
console.log(`\nneuron  running mean  mean of the data\n${runningMeans.map(row).join("\n")}`);

// One example has no variance: in training that is an error, not a NaN.
export const refusal = messageOf(() => new BatchNorm(H).forward(first, new Training()));
console.log(`\na batch of one: ${refusal}`);

// And a bias in front is pointed out.
export const hint = messageOf(() => new BatchNorm(H).forward(new Linear(fanIn, H, { rng }).forward(x), new Training()));
console.log(`\na bias before it: ${hint}`);

function row(value: number, neuron: number): string {
  return `${neuron}       ${value.toFixed(3).padStart(12)}  ${trueMeans[neuron].toFixed(3).padStart(16)}`;
}

function gap(a: keyof typeof values, b: keyof typeof values): number {
  const expected = numbers(values[b]);
  return Math.max(...numbers(values[a]).map((value, index) => Math.abs(value - expected[index])));
}

function namedUpdates({ updates }: Training): Record<string, Tensor> {
  return Object.fromEntries([...updates.values()].map((value, index) => [`update${index}`, value]));
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was wrong";
}
