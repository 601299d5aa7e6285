/**
 * Every preset has the same losses and gradients, to the bit, with 1, 2 and 5 threads, and so have its steps: with few rows and many, and
 * vocabularies whose products are shared in other ways.
 */

import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { presetNames } from "@llm-learning/trainer";
import { expect, it } from "vitest";
import { differences, type Step, steps, wholePreset } from "./agreement.ts";

const LARGE = 192;

it.each(presetNames)("the steps of %s have the same bits with any number of threads", async (preset) => {
  const { config } = wholePreset(preset);
  const most = (config.nEmbd ?? 0) >= LARGE ? 2 : 32;
  for (const { vocabSize, rows } of [
    { vocabSize: 87, rows: most },
    { vocabSize: 65, rows: Math.max(2, most / 4) },
  ]) {
    const taken: Step[][] = [];
    for (const threads of [1, 2, 5]) {
      const trial = { config: { ...config, threads }, vocabSize, rows };
      taken.push(await steps(trial, onnxruntimeEngine({ threads }), 3));
    }
    for (const others of taken.slice(1)) {
      expect(others.flatMap((step, index) => differences(step, taken[0][index], 0))).toEqual([]);
    }
  }
});
