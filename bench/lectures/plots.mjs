// The figures of the lecture's four plots: its deep MLP with BatchNorm near step 1,000, three seeds, beside the lecture's own. Each is a
// figure of one batch of 32, the lecture's too, and they jump from batch to batch: ours are those of every ninth step of the last
// hundred. A figure agrees where the lecture's lies among them.
//
// Usage: node bench/lectures/plots.mjs --names names.txt [--seeds 1,2,3]
//
// Build first (npm run build).

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const STEPS = 1000;
const cli = fileURLToPath(new URL("../../apps/trainer/dist/cli.js", import.meta.url));
const run = promisify(execFile);
const { values } = parseArgs({
  options: { names: { type: "string" }, seeds: { type: "string", default: "1,2,3" } },
});
if (values.names === undefined)
  throw new TypeError("plots: expected --names FILE, the lectures' list of names, got none");

const hidden = [0, 1, 2, 3, 4];
const tanhOf = (layer) => `layers.${layer}.hidden`;
const weightOf = (layer) => `layers.${layer}.linear.weight`;

/** What the lecture shows: its range, the names of the records, and what is read of each. */
const figures = [
  ["tanh std", [0.63, 0.65], hidden.map(tanhOf), ({ std }) => std],
  ["saturated, %", [1.7, 2.8], hidden.map(tanhOf), ({ saturated }) => 100 * saturated],
  ["grad:data, embedding", [0.008, 0.008], ["tokenEmbedding.weight"], ({ gradientToData }) => gradientToData],
  ["grad:data, hidden", [0.05, 0.07], hidden.map(weightOf), ({ gradientToData }) => gradientToData],
  ["grad:data, last", [0.12, 0.12], [weightOf(5)], ({ gradientToData }) => gradientToData],
  ["log10 update:data, embedding", [-3.1, -3.1], ["tokenEmbedding.weight"], logUpdate],
  ["log10 update:data, hidden", [-2.3, -2.3], hidden.map(weightOf), logUpdate],
  ["log10 update:data, last", [-1.95, -1.95], [weightOf(5)], logUpdate],
];

const watched = (await Promise.all(values.seeds.split(",").map(stepsOf))).flat();

console.log(`| figure | lecture | ours, over layers, seeds ${values.seeds} and ${watched.length} steps | |`);
console.log("| --- | --- | --- | --- |");
for (const [title, [low, high], names, read] of figures) {
  const all = watched.flatMap((records) => names.map((name) => read(records.get(name))));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const lecture = low === high ? low : `${low} to ${high}`;
  const median = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
  const verdict = least <= high && most >= low ? "agrees" : "differs";
  console.log(`| ${title} | ${lecture} | ${digits(least)} to ${digits(most)}, median ${digits(median)} | ${verdict} |`);
}

/** @param {string} seed */
async function stepsOf(seed) {
  const folder = mkdtempSync(join(tmpdir(), "plots-"));
  const out = join(folder, "run");
  try {
    const flags = [
      "--preset",
      "makemore-deep-mlp",
      "--data",
      values.names,
      "--seed",
      seed,
      "--out",
      out,
      "--sample-count",
      "0",
    ];
    const watching = [
      "--schedule",
      "constant",
      "--max-steps",
      String(STEPS),
      "--watch-interval",
      "9",
      "--eval-batches",
      "1",
      "--json",
    ];
    await run(process.execPath, [cli, "train", ...flags, ...watching], { maxBuffer: 1 << 26 });
    const lines = readFileSync(join(out, "diagnostics.jsonl"), "utf8").trim().split("\n");
    return lines
      .map((line) => JSON.parse(line))
      .filter(({ step }) => step >= STEPS - 100 && step < STEPS)
      .map(({ records }) => new Map(records.map((record) => [record.name, record])));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function logUpdate({ updateToData }) {
  return Math.log10(updateToData);
}

/** @param {number} value */
function digits(value) {
  return Number(value.toPrecision(3));
}
