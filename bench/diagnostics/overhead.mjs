// What watching costs: training with statistics of every tap, matrix and gradient at every tenth step against plain training, in
// blocks of ten steps that alternate, on nanoGPT's configuration for a CPU. The watched step must give the same bits first.
//
//   node bench/diagnostics/overhead.mjs [--blocks 20] [--threads 2] [--interval 10]

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { collect, copyMatrices, summarize, withUpdates } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import {
  AdamW,
  clipScale,
  compile,
  decayGroups,
  globalNorm,
  grad,
  graphOf,
  input,
  taps,
  trainableParameters,
} from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

const { values } = parseArgs({
  options: {
    blocks: { type: "string", default: "20" },
    threads: { type: "string", default: String(Math.min(2, cpus().length)) },
    interval: { type: "string", default: "10" },
  },
});
const [blocks, threads, interval] = [values.blocks, values.threads, values.interval].map(Number);
const [B, T, V] = [12, 64, 65];

const model = new GPT(
  { vocabSize: V, blockSize: T, nLayer: 4, nHead: 4, nEmbd: 128, bias: false },
  { rng: new Rng(1) },
);
const parameters = trainableParameters(model);
const optimizer = new AdamW(decayGroups(model, 0.1), { beta2: 0.99 });
const [inputs, targets] = ["inputs", "targets"].map((name) => input(name, [B, T], "int32"));
const loss = model.loss(inputs, targets);
const collection = collect(loss, { parameters });

const engine = onnxruntimeEngine({ threads });
const stepOutputs = (gradients) => ({
  loss,
  gradNorm: globalNorm(gradients),
  ...Object.fromEntries([...parameters.keys()].map((name, index) => [`grad.${name}`, gradients[index]])),
});
const plain = await compile(engine, graphOf(stepOutputs(grad(loss, [...parameters.values()]))));
const watched = await compile(
  engine,
  graphOf({ ...stepOutputs([...collection.gradients.values()]), ...collection.outputs }),
);

const rng = new Rng(2);
const tokens = () => Int32Array.from({ length: B * T }, () => rng.integer(V));
await assertEqualBits({ inputs: tokens(), targets: tokens() });

let bytes = 0;
for (let step = 0; step < 20; step++) await takeStep(step % 2 === 0); // so that the compiler has seen both
const kinds = { plain: [], watched: [] };
for (let block = 0; block < blocks; block++) {
  for (const kind of block % 2 === 0 ? ["plain", "watched"] : ["watched", "plain"]) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    for (let step = 0; step < interval; step++) await takeStep(kind === "watched" && step === 0);
    const { user, system } = process.cpuUsage(cpu);
    const spent = { wall: performance.now() - wall, cpu: (user + system) / 1000 };
    kinds[kind].push(spent);
  }
}

const version = (name) =>
  JSON.parse(readFileSync(join(import.meta.dirname, "..", "node_modules", name, "package.json"), "utf8")).version;
console.log(
  `Node ${process.version}, onnxruntime-node ${version("onnxruntime-node")}, ${threads} threads, ${cpus()[0].model}, ` +
    `${blocks} pairs of blocks of ${interval} steps`,
);
console.log(
  `${taps([loss]).size} taps and ${collection.tensors.length - taps([loss]).size} matrices watched, the same bits; ` +
    `${(bytes / 1000).toFixed(0)} kB of JSON each time`,
);
for (const clock of ["wall", "cpu"]) {
  const step = (kind) => median(kinds[kind].map((spent) => spent[clock])) / interval;
  const ratio = median(kinds.watched.map((spent, index) => spent[clock] / kinds.plain[index][clock]));
  console.log(
    `${clock.padEnd(4)} plain ${step("plain").toFixed(1)} ms per step, watched every ${interval}th ${step("watched").toFixed(1)}; ` +
      `ratio ${ratio.toFixed(3)} (median of pairs): a watched step costs ${(1 + (ratio - 1) * interval).toFixed(2)} plain ones`,
  );
}
await plain.dispose();
await watched.dispose();

async function takeStep(isWatched) {
  const feeds = { inputs: tokens(), targets: tokens() };
  const results = await (isWatched ? watched : plain).run(feeds);
  const before = isWatched ? copyMatrices(parameters) : undefined;
  const gradients = Object.fromEntries([...parameters.keys()].map((name) => [name, results[`grad.${name}`].data]));
  optimizer.step(gradients, { learningRate: 1e-4, gradientScale: clipScale(results.gradNorm.data[0], 1) });
  if (isWatched) bytes = JSON.stringify(withUpdates(summarize(collection, results), before, parameters)).length;
}

async function assertEqualBits(feeds) {
  const expected = await plain.run(feeds);
  const actual = await watched.run(feeds);
  for (const [name, { data }] of Object.entries(expected)) {
    const differs = data.findIndex((value, index) => value !== actual[name].data[index]);
    if (differs >= 0) throw new Error(`expected the same ${name}, got another element ${differs} when watched`);
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
