// llm-serve beside llama.cpp (by node-llama-cpp, which batches its sequences) and transformers.js (one request after the other), all
// behind the same API: tokens a second, time to the first token and between tokens, at several numbers of concurrent streams.
//
//   node bench/serving/compare.mjs --peers DIR --model MODEL_DIR [--forms q8,q4] [--streams 1,4,16,32] [--prompt 32-256] [--tokens 64]
//     [--rounds 3] [--each 2] [--tolerate NAME]
//
// MODEL_DIR is what `llm-learning export --quantize q8,q4 --format onnx,gguf` writes; DIR as for bench/inference/compare.mjs. The
// servers take turns; only the one that is asked is there, warmed up. Each stream asks `--each` times: more where a model is small,
// so that the load lasts for seconds. All must give the same tokens before a figure is printed; of those that `--tolerate` names, the
// number of answers that differ is printed, and all have as many tokens. Each has the threads that were best in a trial.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import { median } from "../tokenizers/interleaved.mjs";
import { cli, startServer } from "./startServer.mjs";

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    model: { type: "string" },
    forms: { type: "string", default: "q8,q4" },
    streams: { type: "string", default: "1,4,16,32" },
    prompt: { type: "string", default: "32-256" },
    tokens: { type: "string", default: "64" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    each: { type: "string", default: "2" },
    tolerate: { type: "string", multiple: true, default: [] },
  },
});
if (values.peers === undefined || values.model === undefined) {
  console.error("compare: expected --peers DIR and --model MODEL_DIR, got neither or one of them");
  process.exit(2);
}
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [peers, folder] = [resolve(values.peers), resolve(values.model)];
const [rounds, count] = [Number(values.rounds), Number(values.tokens)];
const [shortest, longest] = values.prompt.split("-").map(Number);
const { vocab_size: vocabSize } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
const mostStreams = Math.max(...values.streams.split(",").map(Number));
const ggufs = { fp32: "model.gguf", q8: "model-q8_0.gguf", q4: "model-q4_0.gguf" };
const threads = String(availableParallelism());

/** The command of each server for a form of the weights. */
const servers = {
  ours: (form) => [cli, folder, "--port=0", `--weights=${form}`, `--threads=${threads}`, `--max-batch=${mostStreams}`],
  "node-llama-cpp": (form) => [
    here("nodeLlamaCpp.mjs"),
    peers,
    join(folder, ggufs[form]),
    threads,
    String(mostStreams),
    String(longest + count),
  ],
  "transformers.js": (form) => [here("transformersJs.mjs"), peers, folder, form, threads],
};
const names = Object.keys(servers).filter((name) => values.only === undefined || values.only.split(",").includes(name));

console.log(
  `Node ${process.version}, ${cpus()[0].model}, ${threads} cores, as many threads each; prompts of ${values.prompt} tokens, ${count} greedy tokens each, ` +
    `medians of ${rounds} rounds`,
);
for (const form of values.forms.split(",")) {
  const measured = new Map();
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another server.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const server = { name, ...(await startServer(servers[name](form))) };
      try {
        await load(server, { streams: 2, prompts: drawnPrompts(4, 99) });
        for (const streams of values.streams.split(",").map(Number)) {
          await setTimeout(500);
          // One by one, a few requests tell; the others are in the way of nobody.
          const share = name === "transformers.js" ? Math.min(streams, 8) : Number(values.each) * streams;
          const result = await load(server, { streams, prompts: drawnPrompts(Math.max(4, share), streams) });
          const key = `${streams}`;
          if (!measured.has(key)) measured.set(key, new Map());
          const runs = measured.get(key);
          if (!runs.has(name)) runs.set(name, { version: server.version, results: [] });
          runs.get(name).results.push(result);
        }
      } finally {
        await server.stop();
      }
    }
  }
  for (const [streams, runs] of measured) {
    assertEqualTokens(runs);
    report(form, streams, runs);
  }
}

async function load({ name, url }, { streams, prompts }) {
  const child = spawn(process.execPath, [here("load.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ url, prompts, count, streams, health: "/health" }));
  const output = await text(child.stdout);
  if (output === "") throw new Error(`${name}: the load ended early`);
  return JSON.parse(output);
}

function drawnPrompts(howMany, seed) {
  const rng = new Rng(seed);
  return Array.from({ length: howMany }, () => {
    const length = shortest + rng.integer(longest - shortest + 1);
    return Array.from({ length }, () => rng.integer(vocabSize - 1));
  });
}

/** The first answers must be equal: those of a server that was asked for fewer are compared as far as they go. */
function assertEqualTokens(runs) {
  const [[first, { results }]] = runs;
  const [{ tokens: expected }] = results;
  for (const [name, run] of runs) {
    const answers = run.results.flatMap(({ tokens }) => [...tokens.entries()]);
    for (const [, answer] of answers)
      if (answer.length !== count) throw new Error(`expected ${count} tokens of ${name}, got ${answer.length}`);
    const different = answers.filter(([index, answer]) => answer.some((token, at) => token !== expected[index]?.[at]));
    run.differing = different.length;
    if (different.length === 0 || values.tolerate.includes(name)) continue;
    const [index, answer] = different[0];
    throw new Error(
      `expected equal tokens of ${first} and ${name} in answer ${index}, got\n  ${expected[index]}\n  ${answer}`,
    );
  }
}

function report(form, streams, runs) {
  const rate = ({ seconds, tokens }) => tokens.flat().length / seconds;
  const middle = ({ results }, value) => median(results.map(value));
  console.log(`\n${form}, ${streams} ${streams === "1" ? "stream" : "streams"}`);
  for (const [name, run] of runs) {
    const quantiles = (key) =>
      [0.5, 0.99].map((q) => middle(run, (result) => quantile(result[key], q)).toFixed(1)).join(" / ");
    console.log(
      `  ${`${name} ${run.version ?? ""}`.padEnd(24)} ${middle(run, rate).toFixed(1).padStart(7)} tokens/s; p50 / p99 ms: first ${quantiles("first")}, ` +
        `between ${quantiles("between")}, health ${quantiles("health")}`,
    );
    if (run.differing > 0) console.log(`    answers with other tokens than ours: ${run.differing}`);
  }
  const ours = runs.get("ours");
  if (ours === undefined) return;
  for (const [name, run] of runs) {
    if (name !== "ours")
      console.log(`  ours / ${name}: ${(middle(ours, rate) / middle(run, rate)).toFixed(2)}x tokens/s`);
  }
}

function quantile(numbers, q) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}
