// llama.cpp, by node-llama-cpp, behind completions: all sequences share batches, as in llama.cpp's own server.
//
//   node nodeLlamaCpp.mjs PEERS GGUF THREADS SEQUENCES CONTEXT

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serveCompletions } from "./completionServer.mjs";

const [peers, modelPath, threads, sequences, contextSize] = process.argv.slice(2);
const home = join(peers, "node_modules", "node-llama-cpp");
const { getLlama } = await import(pathToFileURL(join(home, "dist", "index.js")).href);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: Number(threads) });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({
  sequences: Number(sequences),
  contextSize: Number(contextSize),
  batchSize: 512,
  threads: { ideal: Number(threads), min: Number(threads) },
});
const free = Array.from({ length: Number(sequences) }, () => context.getSequence());
const waiting = [];

await serveCompletions({
  version: JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version,
  async *generate(prompt, count) {
    const sequence = free.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
    try {
      await sequence.clearHistory();
      let left = count;
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        yield { token, text: model.detokenize([token]) };
        if (--left === 0) break;
      }
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(sequence);
      else next(sequence);
    }
  },
});
