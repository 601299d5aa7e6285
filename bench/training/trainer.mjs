// Ours: the run, the programs and the step of the trainer, as `llm-learning train` puts them together. It draws the weights and batches of
// everybody: {"do": "write", "model", "folder", "batches"} -> {"parameters", "tokensPerStep"} writes them for the others.

import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { finished } from "node:stream/promises";
import { join } from "node:path";
import {
  encodeSafetensors,
  parameterCount,
  safetensorsEntry,
  stateDict,
  trainableParameters,
} from "@llm-learning/nn-core";
import { answer } from "../inference/contestant.mjs";
import { drawnParts, models } from "./models.mjs";
import { peakMemory, timeSteps } from "./steps.mjs";

const trainer = (file) => import(new URL(`../../apps/trainer/dist/${file}`, import.meta.url).href);
const { resolveConfig } = await trainer("index.js");
const { compileTraining } = await trainer("training/trainingPrograms.js");
const { TrainingRun } = await trainer("training/trainingRun.js");
const { TrainingStep } = await trainer("training/trainingStep.js");

let programs;
let step;

await answer({
  async open({ model, threads }) {
    const run = newRun(model, threads);
    programs = await compileTraining(run);
    step = new TrainingStep(run, programs);
    return { version: `onnxruntime-node ${version("onnxruntime-node")}` };
  },
  train: (request) => timeSteps(request, async () => (await step.take({ isLast: false })).trainLoss),
  async write({ model, folder, batches }) {
    mkdirSync(folder, { recursive: true });
    const run = newRun(model, 1);
    const entries = [...stateDict(run.model)].map(([name, { data, shape }]) => [name, safetensorsEntry(data, shape)]);
    writeFileSync(join(folder, "model.safetensors"), encodeSafetensors(new Map(entries)));
    const parameters = [...trainableParameters(run.model)];
    const decayed = parameters.flatMap(([name, { shape }]) => (shape.length >= 2 ? [name] : []));
    const { vocabSize } = models[model];
    const { inputLength, targetLength } = run.train;
    const config = { ...run.config, vocabSize, decayed, inputLength, targetLength, batches };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config, undefined, 2));
    await writeBatches(run, join(folder, "batches.bin"), batches);
    return { parameters: parameterCount(run.model), tokensPerStep: run.batchSize * targetLength };
  },
  memory: peakMemory,
  async close() {
    await programs?.dispose();
  },
});

/** The run of a model, the same each time. */
function newRun(name, threads) {
  const { changes, vocabSize } = models[name];
  const config = resolveConfig({ ...changes, threads, maxSteps: 1_000_000, seed: 1 });
  return new TrainingRun({ config, vocabSize, parts: drawnParts({ vocabSize, lines: config.lines }), dataHash: "" });
}

async function writeBatches(run, path, count) {
  const file = createWriteStream(path);
  for (let index = 0; index < count; index++) {
    const inputs = new Int32Array(run.batchSize * run.train.inputLength);
    const targets = new Int32Array(run.batchSize * run.train.targetLength);
    run.nextBatch(inputs, targets);
    for (const { buffer } of [inputs, targets]) file.write(new Uint8Array(buffer));
  }
  file.end();
  await finished(file);
}

function version(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}
