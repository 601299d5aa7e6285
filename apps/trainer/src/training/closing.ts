/**
 * What follows training: the best weights as a model directory, and samples that the exported ONNX model writes.
 */

import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { openGenerator } from "@llm-learning/onnx/node";
import { exportModel } from "../export/exportModel.ts";
import { loadModel } from "../model/loadModel.ts";
import type { Run } from "../run/openRun.ts";
import type { TrainingControl } from "./trainingLoop.ts";

/** Exports the best weights of `run` to its model directory. */
export async function exportBest(run: Run, { emit }: TrainingControl): Promise<void> {
  const { model, step, valLoss } = await loadModel(run, "best");
  const { outDir, warnings } = await exportModel({
    model,
    tokenizer: run.tokenizer,
    outDir: run.paths.model,
    step,
    validationLoss: valLoss,
  });
  emit({ type: "exported", path: outDir, step, warnings });
}

/** Generates the configuration's samples with the exported model; each begins after a line end. */
export async function writeSamples(
  { config, tokenizer, paths }: Run,
  { emit, isStopped }: TrainingControl,
): Promise<void> {
  if (config.sampleCount === 0) return;
  const generator = await openGenerator(join(paths.model, "onnx", "model.onnx"), { threads: config.threads });
  // A text without line ends has none to begin after.
  const start = tokenizer.tokenToId("\n") === undefined && config.tokenizer === "char" ? [0] : tokenizer.encode("\n");
  const rng = new Rng(config.seed).fork("samples");
  try {
    for (let index = 0; index < config.sampleCount; index++) {
      const decoder = tokenizer.decodeStream();
      const options = { maxTokens: config.sampleTokens, temperature: config.temperature, rng: rng.fork(index) };
      for await (const { token } of generator.stream([start], options)) {
        if (isStopped()) return;
        emit({ type: "sample", index, text: decoder.push(token) });
      }
      emit({ type: "sample", index, text: decoder.end() });
    }
  } finally {
    await generator.dispose();
  }
}
