import { resolveConfig, type TrainConfig } from "@llm-learning/trainer";
import { expect, it } from "vitest";
import { checkTrainingMemory } from "../../src/training/memoryEstimate.ts";
import type { TrainingData } from "../../src/training/trainingData.ts";

const data = { tokenizer: { vocabSize: 65 }, trainExamples: 1000 } as TrainingData;

/** Bytes beside those of the same training with AdamW, for each byte of the weights. */
function copiesBeside(changes: Partial<TrainConfig>): number {
  const preset = "nanogpt-cpu";
  const estimate = (more: Partial<TrainConfig>) => checkTrainingMemory(resolveConfig({ preset, ...more }), data);
  // Matrices, biases and norms of four blocks; tables of 64 positions and 65 tokens, and the last norm.
  const parameters = 4 * (12 * 128 ** 2 + 13 * 128) + (64 + 65 + 2) * 128;
  return (estimate(changes) - estimate({})) / (4 * parameters);
}

it("counts what the optimizer remembers of each weight, averages, and sums of gradients", () => {
  const learningRate = 1e-4;
  expect(copiesBeside({ optimizer: "adam" })).toBe(0);
  expect(copiesBeside({ optimizer: "lion", learningRate })).toBeCloseTo(-1, 9);
  expect(copiesBeside({ optimizer: "sgd", learningRate })).toBeCloseTo(-2, 9);
  expect(copiesBeside({ optimizer: "sgd", learningRate, momentum: 0.9 })).toBeCloseTo(-1, 9);
  // Its programs work on all of so few matrices at once.
  expect(copiesBeside({ optimizer: "muon" })).toBeCloseTo(-1 + 6, 9);
  expect(copiesBeside({ averaging: "ema" })).toBeCloseTo(1, 9);
  expect(copiesBeside({ averaging: "tail", gradientAccumulation: 4 })).toBeCloseTo(2, 9);
});
