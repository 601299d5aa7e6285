// Our Generator, over the exported ONNX model.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openGenerator } from "@llm-learning/onnx/node";
import { answer, timeTokens } from "./contestant.mjs";

const files = { fp32: "model.onnx", q8: "model_quantized.onnx", q4: "model_q4.onnx" };
let generator;

await answer({
  async open({ folder, form, threads }) {
    await generator?.dispose();
    generator = await openGenerator(join(folder, "onnx", files[form]), { threads });
    const { version } = JSON.parse(readFileSync(new URL("../../packages/onnx/package.json", import.meta.url), "utf8"));
    return { version };
  },
  generate: ({ prompt, count }) =>
    timeTokens(async (add) => {
      for await (const { token } of generator.stream([prompt], { maxTokens: count, temperature: 0 })) add(token);
    }),
  async close() {
    await generator?.dispose();
  },
});
