// Trains a GPT on ONNX Runtime for a few steps, from the very weights and batches that the prototype draws, and prints
// the loss and the time of a step in the prototype's format. Run by againstPrototype.mjs.
//
// The prototype draws weights and batches from one linear congruential generator, keeps weights as [in, out], and
// uses AdamW without decay at a constant rate. Here the global gradient norm is computed and applied as well.

import { existsSync, readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import { AdamW, clipScale, compile, globalNorm, grad, namedParameters, trace } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

const {
  B = 12,
  T = 64,
  C = 128,
  H = 4,
  L = 4,
  V = 65,
  steps = 50,
  threads = 2,
  log = 25,
} = JSON.parse(process.argv[2] ?? "{}");
const WARM_UP = 5;

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
};
const randomNormal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

const gpt = new GPT({ vocabSize: V, blockSize: T, nLayer: L, nHead: H, nEmbd: C }, { rng: new Rng(1) });
const parameters = namedParameters(gpt);
for (const [name, { shape, data }] of parameters) {
  if (shape.length === 1) data.fill(/norm\d?\.weight$/.test(name) ? 1 : 0);
  else if (name.endsWith("Embedding.weight")) data.forEach((_, index) => (data[index] = 0.02 * randomNormal()));
  else {
    const [rows, columns] = shape;
    for (let i = 0; i < columns; i++) for (let o = 0; o < rows; o++) data[o * columns + i] = 0.02 * randomNormal();
  }
}

const spec = { shape: [B, T], dtype: "int32" };
const graph = trace({ inputs: spec, targets: spec }, ({ inputs, targets }) => {
  const loss = gpt.loss(inputs, targets);
  const gradients = grad(loss, [...parameters.values()]);
  return {
    loss,
    gradNorm: globalNorm(gradients),
    ...Object.fromEntries([...parameters.keys()].map((name, index) => [`grad.${name}`, gradients[index]])),
  };
});
const program = await compile(onnxruntimeEngine({ threads }), graph);
const optimizer = new AdamW([{ parameters, weightDecay: 0 }], { beta2: 0.99 });

const text = existsSync("input.txt") ? readFileSync("input.txt", "latin1") : undefined;
const characters = new Map([...new Set(text)].toSorted().map((character, id) => [character, id]));
const data = text && Uint16Array.from(text, (character) => characters.get(character));

function batch() {
  const inputs = new Int32Array(B * T);
  const targets = new Int32Array(B * T);
  for (let b = 0; b < B; b++) {
    const offset = data ? Math.floor(random() * (data.length * 0.9 - T - 1)) : 0;
    for (let t = 0; t < T; t++) {
      inputs[b * T + t] = data ? data[offset + t] : Math.floor(random() * V);
      targets[b * T + t] = data ? data[offset + t + 1] : Math.floor(random() * V);
    }
  }
  return { inputs, targets };
}

const spent = { batch: 0, run: 0, adam: 0 };
for (let step = 1; step <= steps; step++) {
  if (step === WARM_UP + 1) spent.batch = spent.run = spent.adam = 0;
  const begin = performance.now();
  const feeds = batch();
  const drawn = performance.now();
  const results = await program.run(feeds);
  const ran = performance.now();
  const gradients = Object.fromEntries([...parameters.keys()].map((name) => [name, results[`grad.${name}`].data]));
  // A norm far above any that occurs: clipping is computed, as a real run does, and changes nothing.
  const gradientScale = clipScale(results.gradNorm.data[0], 1e6);
  optimizer.step(gradients, { learningRate: 1e-3, gradientScale });
  const updated = performance.now();
  spent.batch += drawn - begin;
  spent.run += ran - drawn;
  spent.adam += updated - ran;
  if (step % log === 0 || step === 1) console.log(step, "loss", results.loss.data[0].toFixed(4));
}
const each = (total) => (total / (steps - WARM_UP)).toFixed(2);
console.log(
  `per step ms: batch ${each(spent.batch)} run ${each(spent.run)} adam(js) ${each(spent.adam)} ` +
    `total ${each(spent.batch + spent.run + spent.adam)}`,
);
await program.dispose();
