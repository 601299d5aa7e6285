// llama.cpp through node-llama-cpp, over the exported GGUF: `node nodeLlamaCpp.mjs PEERS`, the folder whose node_modules has it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { answer, timeTokens } from "./contestant.mjs";

const home = join(process.argv[2], "node_modules", "node-llama-cpp");
const { getLlama } = await import(pathToFileURL(join(home, "dist", "index.js")).href);
const files = { fp32: "model.gguf", q8: "model-q8_0.gguf", q4: "model-q4_0.gguf" };
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
let model;
let context;
let sequence;

await answer({
  async open({ folder, form, threads, blockSize }) {
    await model?.dispose();
    model = await llama.loadModel({ modelPath: join(folder, files[form]), gpuLayers: 0 });
    context = await model.createContext({
      contextSize: blockSize,
      batchSize: 512,
      threads: { ideal: threads, min: threads },
    });
    sequence = context.getSequence();
    return { version: JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version };
  },
  async generate({ prompt, count }) {
    await sequence.clearHistory();
    return timeTokens(async (add) => {
      let left = count;
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        add(token);
        if (--left === 0) break;
      }
    });
  },
  async close() {
    await model?.dispose();
  },
});
