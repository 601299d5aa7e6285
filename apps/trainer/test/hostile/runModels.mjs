// node runModels.mjs FOLDER FROM TO: opens the models FOLDER/0.onnx and so on, and generates with each that opens. It prints the
// number of a model before it is touched, so that whoever started this knows which one ended the process, and at last a summary.
import { writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { openTokenGenerator } from "@llm-learning/onnx/node";

const [folder, from, to] = process.argv.slice(2);
const print = (text) => writeSync(1, `${text}\n`);
let [opened, ran] = [0, 0];
for (let i = Number(from); i < Number(to); i++) {
  print(i);
  try {
    const generator = await openTokenGenerator(join(folder, `${i}.onnx`), { threads: 1 });
    opened++;
    try {
      await generator.generate([[1, 2, 3], [4]], { maxTokens: 3, temperature: 0 });
      ran++;
    } finally {
      await generator.dispose();
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
print(JSON.stringify({ opened, ran, megabytes: process.resourceUsage().maxRSS / 1024 }));
