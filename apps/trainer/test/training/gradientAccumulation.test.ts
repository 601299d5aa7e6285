import { readFileSync, writeFileSync } from "node:fs";
import {
  parseMetrics,
  readCheckpoint,
  resolveConfig,
  runPaths,
  train,
  type TrainConfig,
  UsageError,
} from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targetShares } from "../../src/training/gradientAccumulation.ts";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

// A plain gradient step: AdamW's first ones take the direction of a gradient and leave its size, however small.
const sgd = { optimizer: "sgd", learningRate: 0.2, minLearningRate: 0.02, weightDecay: 0, momentum: 0.9 } as const;

/** Losses and norms of each step, and the weights in the end. */
async function trained(
  name: string,
  config: Partial<TrainConfig>,
): Promise<{ lines: (readonly number[])[]; weights: Map<string, Float32Array> }> {
  const out = tiny.path(name);
  await train({ config: { ...tinyConfig(tiny.data), sampleCount: 0, ...config }, out });
  const lines = parseMetrics(readFileSync(runPaths(out).metrics, "utf8"));
  const { weights } = (await readCheckpoint(runPaths(out).last))!;
  return {
    lines: lines.map(({ trainLoss, gradNorm, valLoss = 0 }) => [trainLoss, gradNorm, valLoss]),
    weights: new Map([...weights].map(([key, { data }]) => [key, data])),
  };
}

async function expectSameRun(config: Partial<TrainConfig>): Promise<void> {
  const large = await trained("large", { ...config, batchSize: 12 });
  const small = await trained("small", { ...config, batchSize: 3, gradientAccumulation: 4 });
  expect(small.lines).toHaveLength(large.lines.length);
  // Evaluations are of other windows: their batches are smaller.
  const ofTraining = ([trainLoss, gradNorm]: readonly number[]): number[] => [trainLoss, gradNorm];
  for (const [index, line] of small.lines.entries()) {
    for (const [at, value] of ofTraining(line).entries()) {
      expect(Math.abs(value - large.lines[index][at])).toBeLessThan(1e-5);
    }
  }
  for (const [key, values] of small.weights) {
    const others = large.weights.get(key)!;
    expect(values.every((value, index) => Math.abs(value - others[index]) < 1e-5)).toBe(true);
  }
}

describe("gradient accumulation", () => {
  it("takes the steps of one large batch", async () => {
    await expectSameRun(sgd);
  });

  it("weighs batches by the targets in them: lines are of different lengths", async () => {
    const lines = Array.from({ length: 80 }, (_, line) => "abcdefghij".slice(line % 7, 1 + (line % 7) + (line % 4)));
    writeFileSync(tiny.data, `${lines.join("\n")}\n`);
    await expectSameRun({ ...sgd, lines: true, evalBatches: 1 });
  });

  it("leaves out a batch in which nothing is asked, unless nothing is asked at all", () => {
    const batch = (...targets: number[]): { targets: Int32Array } => ({ targets: Int32Array.from(targets) });
    expect(targetShares([batch(1, 2, -1), batch(-1, -1, -1), batch(0, -1, -1)])).toEqual([2 / 3, undefined, 1 / 3]);
    expect(targetShares([batch(-1), batch(-1)])).toEqual([NaN, NaN]);
  });

  it("changes no bit where somebody watches", async () => {
    const config = { ...tinyConfig(tiny.data), dropout: 0.1, batchSize: 2, gradientAccumulation: 2, maxSteps: 6 };
    await train({ config, out: tiny.path("plain") });
    await train({ config: { ...config, watchInterval: 2 }, out: tiny.path("watched") });
    expect(checkpointDigests(tiny.path("watched"))).toEqual(checkpointDigests(tiny.path("plain")));
    expect(timelessMetrics(tiny.path("watched"))).toEqual(timelessMetrics(tiny.path("plain")));
  });

  it("is refused where a batch cannot be taken in parts", () => {
    expect(() => resolveConfig({ preset: "makemore-mlp-batchnorm", gradientAccumulation: 2 })).toThrow(
      new UsageError(
        "expected gradientAccumulation 1 with batchNorm, whose statistics are those of a whole batch, got 2",
      ),
    );
    expect(() => resolveConfig({ preset: "makemore-bigram", batchSize: 0, gradientAccumulation: 2 })).toThrow(
      new UsageError("expected gradientAccumulation 1 with batchSize 0, which takes every line at once, got 2"),
    );
  });
});
