// Generation by ours and by other programs, on the same 100 million weights: seconds to the first token and tokens a second after it.
//
//   node bench/inference/compare.mjs --peers DIR [--python PYTHON] [--forms fp32,q8,q4] [--contexts 64,512,2000] [--tokens 32] [--rounds 5]
//
// DIR is a folder into which `npm install --prefix DIR --ignore-scripts @huggingface/transformers node-llama-cpp` has put those two;
// PYTHON's environment has onnxruntime-genai. The programs take turns, each in a process of its own, each with the number of
// threads with which it was fastest in a trial. Their tokens must be equal before any time is printed.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import { median } from "../tokenizers/interleaved.mjs";
import { startContestant } from "./contestant.mjs";
import { sizes, writeModel } from "./model.mjs";

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    python: { type: "string" },
    model: { type: "string" },
    forms: { type: "string", default: "fp32,q8,q4" },
    contexts: { type: "string", default: "64,512,2000" },
    tokens: { type: "string", default: "32" },
    rounds: { type: "string", default: "5" },
  },
});
if (values.peers === undefined) {
  console.error("compare: expected --peers DIR, the folder whose node_modules has the other programs, got none");
  process.exit(2);
}
const [rounds, count] = [Number(values.rounds), Number(values.tokens)];
const contexts = values.contexts.split(",").map(Number);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const folder = values.model === undefined ? exported() : resolve(values.model);
const programs = {
  ours: [process.execPath, here("ours.mjs")],
  "transformers.js": [process.execPath, here("transformersJs.mjs"), resolve(values.peers)],
  "node-llama-cpp": [process.execPath, here("nodeLlamaCpp.mjs"), resolve(values.peers)],
  ...(values.python && { "onnxruntime-genai": [values.python, here("genai.py")] }),
};
const prompts = new Map(contexts.map((length) => [length, drawnPrompt(length)]));

for (const form of values.forms.split(",")) {
  const contestants = [];
  for (const [name, command] of Object.entries(programs)) contestants.push(await openedBest(name, command, form));
  console.log(
    `\n${form}: ${contestants.map(({ name, version, threads }) => `${name} ${version} (threads ${threads})`).join(", ")}`,
  );
  for (const [length, prompt] of prompts) {
    const runs = new Map(contestants.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // Each round begins with another program.
      for (let turn = 0; turn < contestants.length; turn++) {
        const contestant = contestants[(round + turn) % contestants.length];
        await quiet();
        runs.get(contestant.name).push(await contestant.ask({ do: "generate", prompt, count }));
      }
    }
    assertEqualTokens(runs);
    report(length, runs);
  }
  for (const contestant of contestants) await contestant.close();
}

/** The model directory, made by our own command line. */
function exported() {
  const home = mkdtempSync(join(tmpdir(), "inference-"));
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  const parameters = writeModel(join(home, "drawn"));
  const cli = fileURLToPath(new URL("../../apps/trainer/dist/cli.js", import.meta.url));
  const run = (...command) =>
    execFileSync(process.execPath, [cli, ...command], { stdio: ["ignore", "ignore", "inherit"] });
  run("import", join(home, "drawn"), "--out", join(home, "run"));
  const forms = values.forms.split(",").filter((form) => form !== "fp32");
  const quantize = forms.length > 0 ? ["--quantize", forms.join(",")] : [];
  run("export", "--run", join(home, "run"), "--out", join(home, "model"), "--format", "onnx,gguf", ...quantize);
  console.log(
    `Node ${process.version}, ${cpus()[0].model}, ${availableParallelism()} cores; a Llama of ${(parameters / 1e6).toFixed(1)} million ` +
      `parameters; greedy, ${count} tokens after each prompt, medians of ${rounds} rounds`,
  );
  return join(home, "model");
}

/** Until the threads of the program before have stopped looking for more work, which takes the core from the next. */
async function quiet() {
  await setTimeout(500);
}

/** A program with the model open, with the number of threads that is fastest in a trial. */
async function openedBest(name, command, form) {
  const trials = [];
  for (let threads = 1; threads <= availableParallelism(); threads *= 2) {
    const contestant = startContestant(name, command);
    const { version } = await contestant.ask({ do: "open", folder, form, threads, blockSize: sizes.blockSize });
    const task = { do: "generate", prompt: drawnPrompt(256), count: 32 };
    const times = [];
    for (let trial = 0; trial < 3; trial++) {
      await quiet();
      const { prefill, decode } = await contestant.ask(task);
      times.push(prefill + decode);
    }
    trials.push({ ...contestant, version, threads, seconds: Math.min(...times) });
  }
  const best = trials.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  for (const trial of trials) if (trial !== best) await trial.close();
  return best;
}

function drawnPrompt(length) {
  const rng = new Rng(length);
  return Array.from({ length }, () => rng.integer(sizes.vocabSize - 1));
}

function assertEqualTokens(runs) {
  const [[first, [{ tokens: expected }]]] = runs;
  for (const [name, results] of runs) {
    for (const { tokens } of results) {
      if (tokens.length === count && tokens.every((token, index) => token === expected[index])) continue;
      throw new Error(
        `expected equal tokens of ${first} and ${name}, got\n  ${expected.join(" ")}\n  ${tokens.join(" ")}`,
      );
    }
  }
}

function report(length, runs) {
  const rate = (results) => median(results.map(({ decode }) => (count - 1) / decode));
  const prefill = (results) => median(results.map((result) => result.prefill));
  const peers = [...runs].filter(([name]) => name !== "ours");
  console.log(`  context ${length}: ${count} equal tokens`);
  for (const [name, results] of runs) {
    console.log(
      `    ${name.padEnd(18)} ${rate(results).toFixed(1).padStart(7)} tokens/s, prefill ${(prefill(results) * 1000).toFixed(0).padStart(6)} ms ` +
        `(${(length / prefill(results)).toFixed(0)} tokens/s)`,
    );
  }
  const ours = runs.get("ours");
  const best = (values) => Math.max(...values);
  const decodeRatio = rate(ours) / best(peers.map(([, results]) => rate(results)));
  const prefillRatio = best(peers.map(([, results]) => 1 / prefill(results))) * prefill(ours);
  console.log(
    `    ours / best of the others: decode ${decodeRatio.toFixed(2)}x, prefill ${(1 / prefillRatio).toFixed(2)}x (above 1 is faster)`,
  );
}
