import { existsSync } from "node:fs";
import { findLearningRate, planTraining, train, type TrainConfig } from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

async function search(changes: Partial<TrainConfig> = {}, range = { from: 1e-5, to: 10, steps: 120 }) {
  const { config, data } = await planTraining({ config: { ...tinyConfig(tiny.data), ...changes } });
  return findLearningRate(config, data, range);
}

describe("findLearningRate", () => {
  it("tries rates evenly spaced in powers of ten, beginning with the loss of fresh weights", async () => {
    const { rates, losses } = await search({}, { from: 1e-3, to: 1, steps: 10 });
    expect(rates.map((rate) => Number(rate.toPrecision(12)))).toEqual(
      // 10^(-3 + i / 3)
      Array.from({ length: 10 }, (_, i) => Number((10 ** (-3 + i / 3)).toPrecision(12))),
    );
    // New weights are small: all 22 characters are about as likely.
    expect(losses[0]).toBeCloseTo(Math.log(22), 1);
  });

  it("suggests a rate with which training learns, and writes nothing", async () => {
    const { suggested = NaN, lowest, losses } = await search();
    expect(existsSync(tiny.path("runs"))).toBe(false);
    expect(suggested).toBeGreaterThan(1e-3);
    expect(suggested).toBeLessThan(lowest);
    expect(Math.max(...losses.slice(-10))).toBeGreaterThan(Math.min(...losses));

    const lossWith = async (learningRate: number): Promise<number | undefined> => {
      const config = { ...tinyConfig(tiny.data), maxSteps: 40, schedule: "constant", learningRate } as const;
      const outcome = await train({ config: { ...config, sampleCount: 0 }, out: tiny.path(`run-${learningRate}`) });
      return outcome.valLoss;
    };
    // From ln 22 = 3.09; a rate 100 times lower leaves it there.
    expect(await lossWith(suggested)).toBeLessThan(2.5);
    expect(await lossWith(suggested / 100)).toBeGreaterThan(2.7);
  });

  it("gives the same curve again, and another for another seed", async () => {
    const range = { from: 1e-3, to: 1, steps: 10 };
    const first = await search({}, range);
    expect(await search({}, range)).toEqual(first);
    expect((await search({ seed: 5 }, range)).losses).not.toEqual(first.losses);
  });

  it("ends where the loss is no number", async () => {
    const { diverged, rates } = await search({ gradClip: 0, weightDecay: 1000 }, { from: 1e-3, to: 1000, steps: 60 });
    expect(diverged).toBe(true);
    expect(rates.length).toBeLessThan(60);
  });
});
