// Trains the presets of the lectures through the command line, as a user would, evaluates each over its whole validation
// part, and prints a row of Markdown for each beside the published figure: the tables of docs/results.md.
//
// Usage: node bench/lectures/results.mjs --names names.txt --text tinyshakespeare.txt [--only PRESET,...] [--seeds N,...] [--out FILE]
//
// Build first (npm run build). Without --seeds each preset trains with its own seed. A row is printed as soon as it is known;
// with --out it is also appended to FILE.

import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const cli = fileURLToPath(new URL("../../apps/trainer/dist/cli.js", import.meta.url));
const run = promisify(execFile);

/** Published losses; `tolerance` is how far ours may lie above: the spread of seeds where the lectures show it, and 0.01 elsewhere. */
const published = {
  "makemore-bigram": { loss: 2.46, data: "names", tolerance: 0.01 },
  "makemore-mlp-raw": { loss: 2.168, data: "names", tolerance: 0.01 },
  "makemore-mlp-logits": { loss: 2.13, data: "names", tolerance: 0.01 },
  "makemore-mlp-tanh": { loss: 2.103, data: "names", tolerance: 0.01 },
  "makemore-mlp": { loss: 2.107, data: "names", tolerance: 0.01 },
  "makemore-mlp-batchnorm": { loss: 2.105, data: "names", tolerance: 0.01 },
  "makemore-deep-mlp": { data: "names" },
  "makemore-deep-mlp-plain": { data: "names" },
  "makemore-wavenet": { loss: 1.993, data: "names", tolerance: 0.01 },
  "makemore-conv": { data: "names" },
  "makemore-rnn": { data: "names" },
  "makemore-gru": { data: "names" },
  "makemore-transformer": { data: "names" },
  "bigram-table": { loss: 2.5, data: "text", tolerance: 0.02 },
  "one-head": { loss: 2.4, data: "text", tolerance: 0.02 },
  "four-heads": { loss: 2.28, data: "text", tolerance: 0.02 },
  "feed-forward": { loss: 2.24, data: "text", tolerance: 0.02 },
  residual: { loss: 2.08, data: "text", tolerance: 0.02 },
  layernorm: { loss: 2.06, data: "text", tolerance: 0.02 },
  "colab-gpt": { loss: 1.828, data: "text", tolerance: 0.01 },
  "nanogpt-cpu": { loss: 1.88, data: "text", tolerance: 0.02 },
};

const { values } = parseArgs({
  options: {
    names: { type: "string" },
    text: { type: "string" },
    only: { type: "string", default: Object.keys(published).join(",") },
    seeds: { type: "string", default: "" },
    out: { type: "string" },
  },
});

say(`Node ${process.version}, ${cpus()[0].model}, ${availableParallelism()} cores`);
say("");
say("| preset | seed | parameters | step 0 | validation loss | published | best n-gram | steps | time |");
say("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
for (const preset of values.only.split(",")) {
  if (!Object.hasOwn(published, preset))
    throw new RangeError(`results: expected a preset of the lectures, got ${preset}`);
  for (const seed of values.seeds.split(",")) await row(preset, seed);
}

/** @param {keyof typeof published} preset @param {string} seed */
async function row(preset, seed) {
  const { loss, data, tolerance } = published[preset];
  const path = values[data];
  if (path === undefined) return say(`| ${preset} | | | | needs --${data} | ${loss ?? ""} | | | |`);
  const folder = mkdtempSync(join(tmpdir(), "lectures-"));
  const out = join(folder, "run");
  try {
    const flags = ["--preset", preset, "--data", path, "--out", out, "--sample-count", "0", "--json"];
    const begin = performance.now();
    const trained = await answer(["train", ...flags, ...(seed === "" ? [] : ["--seed", seed])]);
    const seconds = (performance.now() - begin) / 1000;
    const measured = await answer(["eval", "--run", out, "--json"]);
    const verdict = loss === undefined ? "" : `${loss}${measured.loss <= loss + tolerance ? "" : " (missed)"}`;
    const { baseline, parameters, config } = trained;
    const [first] = readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n", 1);
    say(
      `| ${preset} | ${config.seed} | ${parameters.toLocaleString("en")} | ${JSON.parse(first).valLoss.toFixed(3)} | ` +
        `${measured.loss.toFixed(4)} | ${verdict} | ${baseline?.valLoss?.toFixed(4) ?? ""} | ${trained.step.toLocaleString("en")} | ${duration(seconds)} |`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} args */
async function answer(args) {
  const { stdout } = await run(process.execPath, [cli, ...args], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

/** @param {number} seconds */
function duration(seconds) {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** @param {string} line */
function say(line) {
  console.log(line);
  if (values.out !== undefined) appendFileSync(values.out, `${line}\n`);
}
