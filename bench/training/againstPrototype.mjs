// A training step of ours against the hand-written ONNX Runtime prototype: alternately, block by block, each block a process of
// its own, from equal weights on equal batches. Losses must agree before any time is printed.
//
//   node bench/training/againstPrototype.mjs --prototype DIR [--text FILE] [--blocks 5] [--threads 2]

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    prototype: { type: "string" },
    text: { type: "string" },
    blocks: { type: "string", default: "5" },
    threads: { type: "string", default: String(Math.min(2, cpus().length)) },
  },
});
if (values.prototype === undefined) {
  console.error("againstPrototype: expected --prototype DIR, the folder with gpt.mjs, got none");
  process.exit(2);
}
const blocks = Number(values.blocks);
const threads = Number(values.threads);

const configurations = [
  { name: "nanogpt-cpu, 0.81M", B: 12, T: 64, C: 128, H: 4, L: 4, steps: 105, log: 25 },
  { name: "10.7M, 8 x 256", B: 8, T: 256, C: 384, H: 6, L: 6, steps: 15, log: 5 },
];

// Inside bench/, so that the copy finds onnxruntime-node and protobufjs.
const folder = mkdtempSync(join(here, "..", ".prototype-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const file of ["gpt.mjs", "graph.mjs", "onnx.mjs"]) cpSync(join(values.prototype, file), join(folder, file));
if (values.text !== undefined) cpSync(resolve(values.text), join(folder, "input.txt"));

const version = (name) =>
  JSON.parse(readFileSync(join(here, "..", "node_modules", name, "package.json"), "utf8")).version;
console.log(
  `Node ${process.version}, onnxruntime-node ${version("onnxruntime-node")}, ${threads} threads, ${cpus()[0].model}, ` +
    `${blocks} alternating blocks, text ${values.text ?? "none (random tokens)"}`,
);

const sides = { prototype: join(folder, "gpt.mjs"), ours: join(here, "ours.mjs") };
for (const { name, ...sizes } of configurations) {
  const runs = { prototype: [], ours: [] };
  for (let block = 0; block < blocks; block++) {
    for (const side of block % 2 === 0 ? ["prototype", "ours"] : ["ours", "prototype"])
      runs[side].push(runBlock(side, sizes));
  }
  assertEqualLosses(runs.prototype[0].losses, runs.ours[0].losses);
  console.log(`\n${name}: losses equal to 1e-3 at steps ${runs.ours[0].losses.map(([step]) => step).join(", ")}`);
  for (const side of Object.keys(sides)) {
    const of = (key) => median(runs[side].map((run) => run[key]));
    console.log(
      `  ${side.padEnd(10)} ${of("total").toFixed(1)} ms per step (graph ${of("run").toFixed(1)}, AdamW ${of("adam").toFixed(1)}), ` +
        `peak memory ${of("peak").toFixed(0)} MB; blocks ${runs[side].map((run) => run.total.toFixed(0)).join(" ")}`,
    );
  }
  const ratios = runs.ours.map((run, block) => run.total / runs.prototype[block].total);
  console.log(`  ours / prototype: ${median(ratios).toFixed(2)} (median of ${blocks} pairs; below 1 is faster)`);
}

function runBlock(side, sizes) {
  const preload = ["--require", join(here, "peakMemory.cjs")];
  const config = JSON.stringify({ ...sizes, threads });
  const output = execFileSync(process.execPath, [...preload, sides[side], config], { cwd: folder, encoding: "utf8" });
  const losses = [...output.matchAll(/^(\d+) loss ([\d.]+)$/gm)].map((match) => [Number(match[1]), Number(match[2])]);
  const times = /per step ms: .*run ([\d.]+) adam\(js\) ([\d.]+) total ([\d.]+)/.exec(output);
  const peak = /peak MB: (\d+)/.exec(output);
  if (times === null || peak === null || losses.length < 2) throw new Error(`${side} printed no times:\n${output}`);
  return { losses, run: Number(times[1]), adam: Number(times[2]), total: Number(times[3]), peak: Number(peak[1]) };
}

function assertEqualLosses(expected, actual) {
  for (const [index, [step, loss]] of expected.entries()) {
    const other = actual[index];
    if (other?.[0] === step && Math.abs(other[1] - loss) <= 1e-3) continue;
    throw new Error(`expected equal losses, got ${loss} and ${other?.[1]} at step ${step}: the work is not the same`);
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
