// Training byte-level BPE: ours against Hugging Face's tokenizers, from files, a document a line, on one thread and on two.
//
// Usage: node bench/tokenizers/train.mjs --corpus DIR --python python3 [--rounds 5] [--vocab-size 8192] [--texts en,code,multi]
// DIR holds en.txt, code.txt and multi.txt, as corpus.mjs writes them. Both read GPT-2's pattern; equal merges are asserted first. Each time is
// of the whole call, from the file to the tokenizer; ours is also given for the first call of a process, which has yet to be compiled.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { trainBpeFromFiles } from "@llm-learning/tokenizers/train/node";
import { interleaved, median } from "./interleaved.mjs";
import { startPython } from "./python.mjs";

const { values } = parseArgs({
  options: {
    corpus: { type: "string" },
    python: { type: "string" },
    rounds: { type: "string", default: "5" },
    "vocab-size": { type: "string", default: "8192" },
    texts: { type: "string", default: "en,code,multi" },
    // What a process of its own measures.
    once: { type: "string" },
    threads: { type: "string", default: "1" },
  },
});
const vocabSize = Number(values["vocab-size"]);
const rounds = Number(values.rounds);

if (values.once !== undefined) {
  console.log((await ours(values.once, Number(values.threads))).seconds);
  process.exit(0);
}
if (values.corpus === undefined || values.python === undefined) {
  console.error("train: expected --corpus DIR, which corpus.mjs writes, and --python with Hugging Face's tokenizers");
  process.exit(2);
}

for (const threads of [1, 2]) {
  const python = startPython(values.python, { RAYON_NUM_THREADS: String(threads), TOKENIZERS_PARALLELISM: "true" });
  const theirs = (path) => python.ask({ do: "huggingface_train_bpe", path, vocabSize });
  for (const name of values.texts.split(",")) {
    const path = join(values.corpus, `${name}.txt`);
    const [mine, expected] = [await ours(path, threads), await theirs(path)];
    if (mine.sha256 !== expected.sha256) throw new Error(`train: expected equal merges on ${name}.txt`);
    const medians = await interleaved(
      [
        { name: "ours", run: async () => (await ours(path, threads)).seconds },
        { name: "theirs", run: async () => (await theirs(path)).seconds },
      ],
      rounds,
    );
    const first = median(Array.from({ length: 3 }, () => firstCall(path, threads)));
    console.log(
      `${name}, ${(statSync(path).size / 1e6).toFixed(1)} MB, ${mine.merges} equal merges, ${threads} thread${threads > 1 ? "s" : ""}`,
    );
    line("ours", medians.get("ours"));
    line("ours, first call of a process", first);
    line(`tokenizers ${expected.version} (Rust, from Python)`, medians.get("theirs"));
    console.log(`  ours is ${(medians.get("theirs") / medians.get("ours")).toFixed(1)}x as fast\n`);
  }
  python.close();
}
console.log(`Node ${process.version}, ${cpus()[0]?.model}; medians of ${rounds} interleaved rounds`);

async function ours(path, threads) {
  const start = performance.now();
  const tokenizer = await trainBpeFromFiles([path], { vocabSize, pattern: "r50k_base", documents: "line", threads });
  const seconds = (performance.now() - start) / 1000;
  const { merges } = tokenizer.toJSON().model;
  const text = merges.map((merge) => merge.join(" ")).join("\n");
  return { seconds, merges: merges.length, sha256: createHash("sha256").update(text).digest("hex") };
}

function firstCall(path, threads) {
  const options = ["--once", path, "--threads", String(threads), "--vocab-size", String(vocabSize)];
  return Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...options], { encoding: "utf8" }));
}

function line(name, seconds) {
  console.log(`  ${name.padEnd(40)}${(1000 * seconds).toFixed(0).padStart(7)} ms`);
}
