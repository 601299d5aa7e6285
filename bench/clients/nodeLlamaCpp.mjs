// The GGUF files of a model directory in llama.cpp, by node-llama-cpp: the same ids for the same text, and in float32 the same greedy tokens.
//
// Usage: node bench/clients/nodeLlamaCpp.mjs --peers DIR --text FILE [--tokens 48] MODEL_DIR...
// DIR/node_modules has node-llama-cpp. MODEL_DIR is what `export --format onnx,gguf [--quantize ...]` wrote; FILE is a text in its tokens, from
// which prompts are cut. For files in fewer bits it prints how far their greedy tokens go along. The cache is float32 here: llama.cpp's own
// choice, half precision, changes tokens too. Ends with status 1 where ids or tokens differ.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Rng } from "@llm-learning/init";
import { openTokenGenerator } from "@llm-learning/onnx/node";
import { tokenizerFromJSON } from "@llm-learning/tokenizers";
import { Tokenizer as Pipeline } from "@llm-learning/tokenizers/huggingface";

const { values, positionals } = parseArgs({
  options: { peers: { type: "string" }, text: { type: "string" }, tokens: { type: "string", default: "48" } },
  allowPositionals: true,
});
if (values.peers === undefined || values.text === undefined || positionals.length === 0) {
  console.error("nodeLlamaCpp: expected --peers DIR with node-llama-cpp, --text FILE and a model directory");
  process.exit(2);
}
const PROMPTS = 6;
const newTokens = Number(values.tokens);
const text = readFileSync(values.text, "utf8");
const peer = createRequire(join(resolve(values.peers), "node_modules", "_"));
const { getLlama } = await import(pathToFileURL(peer.resolve("node-llama-cpp")).href);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 2, logLevel: "error" });

for (const directory of positionals) await compare(directory);
await llama.dispose();

async function compare(directory) {
  const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
  const tokenizer = openTokenizer(JSON.parse(readFileSync(join(directory, "tokenizer.json"), "utf8")));
  const generator = await openTokenGenerator(join(directory, "onnx", "model.onnx"), { threads: 2 });
  const { blockSize } = generator;
  const begin = config.llm_learning?.lines ? [config.eos_token_id] : [];
  const prompts = pieces(text, PROMPTS, blockSize).map((piece) => ids(tokenizer, piece).slice(0, blockSize / 2));
  const count = Math.min(newTokens, Math.floor(blockSize / 2) - begin.length);
  const starts = prompts.map((prompt) => [...begin, ...prompt]);
  const expected = await Promise.all(starts.map((start) => greedy(generator, start, count)));
  await generator.dispose();

  for (const file of readdirSync(directory).filter((name) => name.endsWith(".gguf"))) {
    const model = await llama.loadModel({ modelPath: join(directory, file), gpuLayers: 0 });
    const kind = `${directory} ${file}: ${model.fileInfo.metadata.general.architecture}`;
    if (file === "model.gguf") compareIds(kind, tokenizer, model);
    const context = await model.createContext({
      contextSize: blockSize,
      flashAttention: false,
      experimentalKvCacheKeyType: "F32",
      experimentalKvCacheValueType: "F32",
    });
    const sequence = context.getSequence();
    let agreed = 0;
    let widest = 0;
    for (const [index, start] of starts.entries()) {
      await sequence.clearHistory();
      const steps = await llamaGreedy(sequence, start, expected[index].length);
      const wrong = steps.findIndex(({ token }, i) => token !== expected[index][i].token);
      const along = wrong < 0 ? steps.length : wrong;
      agreed += along;
      for (let i = 0; i < along; i++) {
        widest = Math.max(widest, Math.abs(Math.log(steps[i].confidence) - expected[index][i].logprob));
      }
      if (wrong < 0 || file !== "model.gguf") continue;
      const { token, topLogprobs } = expected[index][wrong];
      const [best, next] = topLogprobs;
      fail(
        `${kind}: after ${wrong} tokens expected ${token}, got ${steps[wrong].token}; ` +
          `the best two are ${(best.logprob - next.logprob).toExponential(1)} nats apart`,
      );
    }
    const asked = expected.reduce((sum, { length }) => sum + length, 0);
    console.log(
      `${kind}, greedy tokens as ours from the start: ${agreed} of ${asked} after ${starts.length} prompts; ` +
        `their log-probabilities are at most ${widest.toExponential(1)} nats away`,
    );
    await context.dispose();
    await model.dispose();
  }
}

function openTokenizer(document) {
  try {
    return tokenizerFromJSON(document);
  } catch {
    return Pipeline.fromJSON({ ...document, truncation: null, padding: null });
  }
}

function ids(tokenizer, piece) {
  const encoded = tokenizer.encode(piece, { addSpecialTokens: false });
  return Array.from(encoded.ids ?? encoded);
}

/** Pieces of a text from places apart. */
function pieces(whole, number, length) {
  const characters = [...whole];
  const apart = Math.floor((characters.length - length) / number);
  return Array.from({ length: number }, (_, i) => characters.slice(i * apart, i * apart + length).join(""));
}

/** Texts with all that a pre-tokenizer can stumble over, as far as the tokenizer knows their characters. */
function compareIds(kind, tokenizer, model) {
  const rng = new Rng(1);
  const draw = (list) => list[Math.floor(rng.uniform() * list.length)];
  const parts = [
    ..."aZé ß\n\n\t\r  '’.,!?-–—_0123٣4½§€中文あ한글नमस्ते\u0301\u00a0\u3000\u200d🦙👍🏽\\|<>{}#",
    "'s",
    "'LL",
    "'re",
    "don't",
    "I'VE",
    " the",
    "  ",
    "   ",
    "\r\n",
    "\n \n",
    "1000",
    "café",
    "École",
    "ÀÉ",
    "…",
    "<|",
    "|>",
    "ﬁ",
  ];
  const invented = Array.from({ length: 3000 }, () => Array.from({ length: 12 }, () => draw(parts)).join(""));
  const texts = [...pieces(text, 50, 2000), ...invented];
  let tokens = 0;
  let wrong = 0;
  let known = 0;
  for (const piece of texts) {
    if (tokenizer.unknownCharacters?.(piece).size > 0) continue;
    known++;
    const expected = ids(tokenizer, piece);
    const got = model.tokenize(piece, false);
    tokens += expected.length;
    if (expected.join() === got.join()) continue;
    wrong++;
    if (wrong <= 3)
      console.log(
        `${kind}: other ids for ${JSON.stringify(piece.slice(0, 60))}:\n  ${expected.slice(0, 20)}\n  ${got.slice(0, 20)}`,
      );
  }
  console.log(`${kind}, ids of ${known} texts (${tokens} tokens): ${wrong === 0 ? "equal" : `${wrong} texts differ`}`);
  if (wrong > 0) process.exitCode = 1;
}

async function greedy(generator, prompt, maxTokens) {
  const steps = [];
  for await (const step of generator.stream([prompt], { maxTokens, temperature: 0, logprobs: 2 })) steps.push(step);
  return steps;
}

async function llamaGreedy(sequence, prompt, count) {
  const steps = [];
  if (count === 0) return steps;
  const options = { temperature: 0, yieldEogToken: true };
  for await (const step of sequence.evaluateWithMetadata(prompt, { confidence: true }, options)) {
    steps.push(step);
    if (steps.length === count) break;
  }
  return steps;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
