// A training step, AdamW and clipping included, by ours and by other programs, from the same weights on the same batches.
//
//   node bench/training/compare.mjs [--python PYTHON] [--peers DIR] [--tfjs-node DIR] [--model NAME...] [--only PROGRAM...] [--blocks 5]
//     [--seconds 2] [--json FILE]
//
// PYTHON's environment has torch and safetensors; `npm install --prefix DIR --ignore-scripts @jax-js/jax @tensorflow/tfjs
// @tensorflow/tfjs-backend-wasm` fills DIR; DIR/node_modules of `--tfjs-node` has @tensorflow/tfjs-node with its addon. What is not given is left
// out, and said so. Each program is a process that lives as long as its model is measured and waits while another has its block of
// `--seconds`, with the number of threads that was best in a trial. The losses of their first 20 steps must be equal to 1e-3 before any
// time is printed. Who is slow is held to those that fit in 30 seconds, and has one block where a step takes longer than 10.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startContestant } from "../inference/contestant.mjs";
import { median } from "../tokenizers/interleaved.mjs";
import { models } from "./models.mjs";
import { ProcessorTime } from "./processorTime.mjs";
import { reportModel } from "./report.mjs";

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    peers: { type: "string" },
    "tfjs-node": { type: "string" },
    model: { type: "string", multiple: true, default: Object.keys(models) },
    only: { type: "string", multiple: true },
    blocks: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    json: { type: "string" },
  },
});
const unknown = values.model.find((name) => !Object.hasOwn(models, name));
if (unknown !== undefined) {
  console.error(`compare: expected --model of ${Object.keys(models).join(", ")}, got ${unknown}`);
  process.exit(2);
}
const [blocks, blockSeconds] = [Number(values.blocks), Number(values.seconds)];
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const cores = availableParallelism();

/** Steps whose losses are compared, by how much they may differ, and how long another program may take for them. */
const CHECKED = { steps: 20, tolerance: 1e-3, seconds: 30 };
/** A program whose step takes longer, in seconds, has one block. */
const SLOW = 10;
/** Batches in the file, which the others take again when they have had all. */
const BATCHES = 256;

const every = powersOfTwo(cores);
const node = (script, ...parameters) => [process.execPath, here(script), ...parameters];
const { python, peers, "tfjs-node": tfjsNode } = values;
/** What has no command was not given. */
const programs = {
  ours: { command: node("trainer.mjs"), threads: every },
  "PyTorch eager": { command: python && [python, here("pytorch.py"), "eager"], threads: every },
  "torch.compile": { command: python && [python, here("pytorch.py"), "compile"], threads: every },
  "tfjs-node": { command: tfjsNode && node("tfjs.mjs", resolve(tfjsNode), "node"), threads: every },
  // Neither has more than one thread in Node.
  "jax-js": { command: peers && node("jaxJs.mjs", resolve(peers)), threads: [1] },
  "tfjs wasm": { command: peers && node("tfjs.mjs", resolve(peers), "wasm"), threads: [1] },
};
const unasked = values.only?.find((name) => !Object.hasOwn(programs, name));
if (unasked !== undefined) {
  console.error(`compare: expected --only of ${Object.keys(programs).join(", ")}, got ${unasked}`);
  process.exit(2);
}
const names = Object.keys(programs).filter((name) => name === "ours" || (values.only?.includes(name) ?? true));
const absent = names.filter((name) => programs[name].command === undefined);
const present = names.filter((name) => programs[name].command !== undefined);

const home = mkdtempSync(join(tmpdir(), "training-"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

const machine = { node: process.version, processor: cpus()[0].model, cores, blocks, blockSeconds };
console.log(
  `Node ${machine.node}, ${machine.processor}, ${cores} cores; AdamW and clipping included; medians of ${blocks} blocks of about ${blockSeconds} s` +
    (absent.length === 0 ? "" : `; left out, for want of --python, --peers or --tfjs-node: ${absent.join(", ")}`),
);
const results = [];
for (const name of values.model) {
  results.push(await compareModel(name));
  console.log(reportModel(results.at(-1)));
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine, models: results }, undefined, 2)}\n`);

async function compareModel(model) {
  const folder = join(home, model);
  const written = await writeFiles(model, folder);
  const contestants = [];
  try {
    const failed = [];
    for (const name of present) {
      try {
        contestants.push(await openedBest(name, programs[name], { model, folder }));
      } catch (error) {
        if (name === "ours") throw error;
        failed.push({ name, reason: error.message.trim().split("\n")[0] });
        progress(`${model}: ${error.message}`);
      }
    }
    const largestDifferences = contestants.map((contestant) => assertEqualLosses(contestant, contestants[0]));
    const products = startContestant("products", [process.execPath, here("products.mjs")]);
    const { gflop } = await products.ask({ do: "open", folder, threads: cores });
    const rates = [];
    const processor = new ProcessorTime(contestants);
    for (let block = 0; block < blocks; block++) {
      // Each round begins with another program.
      for (let turn = 0; turn < contestants.length; turn++) {
        const contestant = contestants[(block + turn) % contestants.length];
        if (block > 0 && contestant.perStep > SLOW) continue;
        await quiet();
        processor.begin(contestant);
        const { seconds, losses } = await contestant.ask({ do: "train", steps: contestant.stepsPerBlock });
        contestant.times.push((seconds / losses.length) * 1000);
        contestant.processorTimes.push((processor.end() / losses.length) * 1000);
      }
      await quiet();
      rates.push(await products.ask({ do: "measure", seconds: blockSeconds / 2 }));
      progress(`${model}: block ${block + 1} of ${blocks}`);
    }
    await products.close();
    return {
      model,
      title: models[model].title,
      ...written,
      gflop,
      failed,
      rates: { square: median(rates.map(({ square }) => square)), own: median(rates.map(({ own }) => own)) },
      programs: await Promise.all(
        contestants.map((contestant, index) => result(contestant, largestDifferences[index], processor)),
      ),
    };
  } finally {
    for (const contestant of contestants) await contestant.close();
  }
}

async function result(contestant, largestDifference, processor) {
  const { name, version, threads, times, processorTimes, stepsPerBlock, losses } = contestant;
  const { peak } = await contestant.ask({ do: "memory" });
  return {
    name,
    version,
    threads,
    msPerStep: median(times),
    processorMsPerStep: median(processorTimes),
    blocks: times,
    stepsPerBlock,
    peakMiB: peak,
    checkedSteps: losses.length,
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    largestDifference,
    idleShare: processor.share(contestant),
  };
}

/** Weights, batches and configuration of a model, by our side. */
async function writeFiles(model, folder) {
  const writer = startContestant("ours", [process.execPath, here("trainer.mjs")]);
  const written = await writer.ask({ do: "write", model, folder, batches: BATCHES });
  await writer.close();
  return written;
}

/** A program behind the steps whose losses are compared, with the number of threads that is fastest in a trial. */
async function openedBest(name, { command, threads: allowed }, task) {
  const trials = [];
  for (const threads of allowed) {
    const contestant = startContestant(name, command);
    try {
      trials.push({ ...contestant, threads, ...(await tried(contestant, { ...task, threads })) });
    } catch (error) {
      for (const { close } of [contestant, ...trials]) await close();
      throw error;
    }
    const { perStep } = trials.at(-1);
    progress(
      `${task.model}: ${name} on ${threads} threads, ${(perStep * 1000).toPrecision(3)} ms per step in the trial`,
    );
    await quiet();
  }
  const best = trials.reduce((a, b) => (b.perStep < a.perStep ? b : a));
  for (const trial of trials) if (trial !== best) await trial.close();
  const steps = CHECKED.steps - best.losses.length;
  if (steps > 0 && best.perStep <= SLOW) {
    const { losses, perStep } = await timed(best, { steps, ...(name !== "ours" && { seconds: CHECKED.seconds }) });
    best.losses.push(...losses);
    best.perStep = perStep;
  }
  const stepsPerBlock = Math.max(best.perStep > SLOW ? 1 : 2, Math.round(blockSeconds / best.perStep));
  return { ...best, losses: best.losses.slice(0, CHECKED.steps), stepsPerBlock, times: [], processorTimes: [] };
}

/** Opens a program, and lets it take the steps of a trial. */
async function tried(contestant, task) {
  const { version } = await contestant.ask({ do: "open", ...task });
  // The first step compiles what is compiled.
  const first = await timed(contestant, { steps: 1 });
  if (first.perStep > SLOW) return { version, ...first };
  const rest = await timed(contestant, { steps: Infinity, seconds: blockSeconds / 2 });
  return { version, losses: [...first.losses, ...rest.losses], perStep: rest.perStep };
}

/** @returns losses, and seconds of each step. */
async function timed(contestant, { steps, seconds = Infinity }) {
  // JSON has no Infinity.
  const answer = await contestant.ask({ do: "train", steps: Math.min(steps, 1e9), seconds: Math.min(seconds, 1e9) });
  return { losses: answer.losses, perStep: answer.seconds / answer.losses.length };
}

function powersOfTwo(most) {
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, power) => 2 ** power);
}

/** For whoever waits: the results are on standard output. */
function progress(line) {
  console.error(`[${(performance.now() / 1000).toFixed(0)} s] ${line}`);
}

/** Until the threads of the program before have stopped looking for more work, which takes the core from the next. */
async function quiet() {
  await setTimeout(500);
}

/** @returns how far the losses are from ours at most. */
function assertEqualLosses({ name, losses }, ours) {
  const differences = losses.map((loss, step) => Math.abs(loss - ours.losses[step]));
  const worst = Math.max(...differences);
  if (worst <= CHECKED.tolerance) return worst;
  const step = differences.findIndex((difference) => !(difference <= CHECKED.tolerance));
  throw new Error(
    `expected equal losses, got ${ours.losses[step]} of ours and ${losses[step]} of ${name} at step ${step}: the work is not the same`,
  );
}
