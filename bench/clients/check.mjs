// Exports models with our command line and loads each directory, unchanged, with other people's software; prints what held.
//
// Usage: node bench/clients/check.mjs [--peers DIR] [--python PY] [--optimum DIR] [--text FILE] [--run RUN]... [--portable] [--only WORD] [--work DIR]
//
// DIR/node_modules of --peers has transformers.js and node-llama-cpp, PY's environment torch, transformers, onnxruntime and
// onnxruntime-genai; --optimum is a folder for PYTHONPATH with optimum and the transformers that it wants, where PY's own is newer. What is
// absent is skipped, and named. Models: short runs on the bundled book, or --text; tiny random ones that transformers wrote, imported;
// and each --run. --portable exports standard operators alone. --work keeps runs and directories, so that a second time is quicker. Build first (npm run build). Ends with status 1
// where something did not hold.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { expectationsOf } from "./expectations.mjs";

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    python: { type: "string" },
    optimum: { type: "string" },
    text: { type: "string" },
    run: { type: "string", multiple: true, default: [] },
    portable: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    work: { type: "string" },
  },
});
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const cli = here("../../apps/trainer/dist/cli.js");
const work = resolve(values.work ?? mkdtempSync(join(tmpdir(), "clients-")));
mkdirSync(work, { recursive: true });

const words = (text) => text.split(" ");
const short = [
  ...words("--preset nanogpt-cpu --max-steps 300 --eval-interval 150 --eval-batches 5 --sample-count 0 --threads 1"),
  ...words("--n-layer 2 --n-embd 64 --batch-size 8 --learning-rate 1e-2 --warmup-steps 20"),
  ...(values.text === undefined ? [] : ["--data", resolve(values.text)]),
];
const withEndOfText = join(work, "bpe.json");
const learned = words("--tokenizer bpe --vocab-size 400");
const fixture = (name) => here(`../../apps/trainer/test/import/fixtures/${name}`);

/** A run of each form: how it is trained, or what it is imported from. */
const models = [
  { name: "GPT-2, characters", train: [] },
  { name: "GPT-2, BPE with an end of text", train: ["--tokenizer", withEndOfText] },
  {
    name: "Llama, BPE with an end of text",
    train: ["--model", "llama", "--n-key-value-head", "2", "--tokenizer", withEndOfText],
  },
  { name: "Qwen3, BPE", train: ["--model", "llama", "--n-key-value-head", "2", "--qk-norm", ...learned] },
  { name: "Arcee, BPE", train: ["--model", "llama", "--mlp", "squared-relu", ...learned] },
  { name: "GPT-2, imported", directory: fixture("tied") },
  { name: "Llama, imported", directory: fixture("llama") },
  { name: "Qwen3, imported", directory: fixture("qwen3-bf16") },
  ...values.run.map((run) => ({ name: basename(run), run: resolve(run) })),
].filter(({ name }) => name.includes(values.only));

/** How each client is asked about a directory: the command, and what it needs of the options above. */
const clients = [
  {
    name: "transformers.js",
    needs: values.peers && "--peers",
    command: (directory, expected) =>
      [process.execPath, here("transformersJs.mjs"), "--peers", values.peers].concat("--expected", expected, directory),
  },
  { name: "transformers, onnxruntime", needs: values.python && "--python", command: python("hugging_face.py") },
  {
    name: "optimum",
    needs: values.python && "--python",
    command: python("optimum_generate.py"),
    environment: values.optimum === undefined ? {} : { PYTHONPATH: resolve(values.optimum) },
  },
  { name: "onnxruntime-genai", needs: values.python && "--python", command: python("onnxruntime_genai_generate.py") },
  {
    name: "node-llama-cpp",
    needs: values.peers && "--peers",
    command: (directory) =>
      [process.execPath, here("nodeLlamaCpp.mjs"), "--peers", values.peers].concat(
        words(`--text ${directory}.txt --tokens 24`),
        directory,
      ),
  },
];

function python(script) {
  return (directory, expected) => [values.python, here(script), "--expected", expected, directory];
}

const skipped = new Set();
let failures = 0;
for (const model of models) {
  const run = runOf(model);
  const directory = join(work, "models", slug(model.name));
  exportTo(directory, run);
  const expected = await expectationsOf(directory);
  const document = `${directory}.json`;
  writeFileSync(document, JSON.stringify(expected));
  // A text in characters that the model knows.
  const written = expected.prompts.map(({ text }, index) => text + expected.greedy.fp32[index].text).join("");
  writeFileSync(`${directory}.txt`, written.repeat(20));
  row(model.name, "llm-learning sample", [sampled(run, expected)]);
  for (const { name, needs, command, environment = {} } of clients) {
    if (needs === undefined) {
      skipped.add(name);
      continue;
    }
    if (name === "node-llama-cpp" && !existsSync(join(directory, "model.gguf"))) continue;
    const { client = name, absent, checks = [], error } = ask(command(directory, document), environment);
    if (absent !== undefined) skipped.add(`${name}: ${absent}`);
    else if (error !== undefined) row(model.name, client, [{ check: "loads", held: false, value: error }]);
    else row(model.name, client, checks);
  }
}
for (const name of skipped) console.log(`skipped: ${name}`);
console.log(failures === 0 ? "everything held" : `${failures} checks did not hold`);
if (values.work === undefined) rmSync(work, { recursive: true, force: true });
process.exitCode = failures === 0 ? 0 : 1;

/** The run directory of a model, made where it is not there yet. */
function runOf({ name, run, train, directory }) {
  if (run !== undefined) return run;
  const out = join(work, "runs", slug(name));
  if (existsSync(out)) return out;
  if (train === undefined) {
    const text = join(work, "text.txt");
    writeFileSync(text, "And so they went to mow, went to mow a meadow.\n".repeat(50));
    ours("import", directory, "--data", text, "--out", out);
    return out;
  }
  if (train.includes(withEndOfText) && !existsSync(withEndOfText)) {
    const text = values.text === undefined ? here("../../README.md") : resolve(values.text);
    ours(
      "tokenizer",
      "train",
      text,
      "--vocab-size",
      "400",
      "--special-tokens",
      "<|endoftext|>",
      "--out",
      withEndOfText,
    );
  }
  ours("train", ...short, ...train, "--out", out);
  return out;
}

/** Exports with all forms; without GGUF where llama.cpp has no such model. */
function exportTo(directory, run) {
  const quantized = [
    "export",
    "--run",
    run,
    "--out",
    directory,
    "--quantize",
    "fp16,q8,q4",
    ...(values.portable ? ["--portable"] : []),
  ];
  const { status, stderr } = spawnSync(process.execPath, [cli, ...quantized, "--format", "onnx,safetensors,gguf"], {
    encoding: "utf8",
  });
  if (status === 0) return;
  console.log(`without model.gguf: ${stderr.trim()}`);
  ours(...quantized);
}

/** What `sample` writes with the run's own model, against the tokens that were expected of the exported one. */
function sampled(run, { prompts, maxTokens, greedy }) {
  const equal = prompts.filter(({ text }, index) => {
    // A prompt of a line begins without the line end that stands before it.
    const asked = ["--prompt", text.replace(/^\n/, ""), "--max-tokens", String(maxTokens), "--temperature", "0"];
    const { samples } = JSON.parse(ours("sample", "--run", run, ...asked, "--json"));
    return samples[0].completion === greedy.fp32[index].text;
  });
  return {
    check: "greedy",
    held: equal.length === prompts.length,
    value: `${equal.length} of ${prompts.length} texts`,
  };
}

function ours(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...words], { encoding: "utf8" });
  if (status === 0) return stdout;
  console.error(`llm-learning ${words.join(" ")}: status ${status}\n${stderr}`);
  process.exit(1);
}

/** What a client's script prints: a line of JSON with its checks, or lines of text, and a status that says whether all held. */
function ask([file, ...words], environment) {
  const options = { encoding: "utf8", env: { ...process.env, ...environment }, maxBuffer: 1 << 28 };
  const { status, stdout, stderr, error } = spawnSync(file, words, options);
  if (error !== undefined) return { error: error.message };
  const lines = stdout.trim().split("\n");
  if (status === 0 && lines.at(-1).startsWith("{")) return JSON.parse(lines.at(-1));
  if (lines[0] === "") return { error: stderr.trim().split("\n").at(-1) };
  return {
    checks: lines.map((line) => ({ check: "as told", held: status === 0, value: line.slice(line.indexOf(" ") + 1) })),
  };
}

function row(model, client, checks) {
  for (const { check, held, value, decides = true } of checks) {
    if (!held && decides) failures++;
    const verdict = held ? "yes" : decides ? "NO" : "no";
    console.log(`| ${model} | ${client} | ${check} | ${verdict} | ${value.replaceAll("|", "\\|")} |`);
  }
}

function slug(name) {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
