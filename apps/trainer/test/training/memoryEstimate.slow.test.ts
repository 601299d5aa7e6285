/**
 * The estimate against what the system says that the whole process had: some sizes, two steps each, with everything that a run does.
 */

import { planTraining, type TrainConfig } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

const usual = {
  preset: "nanogpt-cpu",
  maxSteps: 2,
  warmupSteps: 0,
  evalInterval: 1,
  evalBatches: 1,
  checkpointInterval: 1,
  sampleCount: 0,
} as const;
const large = { nLayer: 6, nHead: 6, nEmbd: 384, batchSize: 8, blockSize: 256 } as const;

/** `{ nLayer: 4 }` as `--n-layer 4`. */
function flags(config: Partial<TrainConfig>): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
}

describe.skipIf(!isBuilt)("the estimate of memory", () => {
  it.each([
    ["nanogpt-cpu", {}],
    ["10.7 million parameters, batches of 8 x 256", large],
    ["the same with activation checkpointing", { ...large, activationCheckpointing: true }],
    ["the same with SGD, which remembers nothing", { ...large, optimizer: "sgd", learningRate: 0.1 }],
    ["the same with Muon and averages", { ...large, optimizer: "muon", averaging: "ema" }],
    ["a context of 1024", { nEmbd: 256, batchSize: 2, blockSize: 1024 }],
    ["a vocabulary of 50257 in chunks", { tokenizer: "gpt2", nLayer: 2, batchSize: 8, blockSize: 256 }],
  ] as const)("is within a quarter of the peak: %s", { timeout: 600_000 }, async (_, changes) => {
    const config = { ...usual, ...changes };
    const { estimatedMemory } = await planTraining({ config, out: tiny.path("run") });
    const { status, stdout } = await runCli(tiny.folder, ["train", "--out", "run", "--json", ...flags(config)]);
    expect(status).toBe(0);
    const { peakMemoryBytes } = JSON.parse(stdout) as { peakMemoryBytes: number };
    expect(estimatedMemory / peakMemoryBytes).toBeGreaterThan(0.75);
    expect(estimatedMemory / peakMemoryBytes).toBeLessThan(1.25);
  });
});
