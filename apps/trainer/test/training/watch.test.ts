import { existsSync, readFileSync } from "node:fs";
import type { StatisticsLine } from "@llm-learning/diagnostics";
import {
  parseDiagnostics,
  readCheckpoint,
  runPaths,
  train,
  type TrainConfig,
  type TrainingEvent,
} from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkpointDigests, timelessMetrics, tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

function watchedConfig(): Partial<TrainConfig> {
  return { ...tinyConfig(tiny.data), dropout: 0.1, sampleCount: 0, watchInterval: 5 };
}

function linesOf(root: string): StatisticsLine[] {
  return parseDiagnostics(readFileSync(runPaths(root).diagnostics, "utf8"));
}

describe("watching a run", () => {
  it("writes statistics at every watched step, and changes no bit of what is trained", async () => {
    const config = watchedConfig();
    const events: TrainingEvent[] = [];
    await train({ config, out: tiny.path("watched"), onEvent: (event) => events.push(event) });
    await train({ config: { ...config, watchInterval: 0 }, out: tiny.path("plain") });
    expect(checkpointDigests(tiny.path("watched"))).toEqual(checkpointDigests(tiny.path("plain")));
    expect(timelessMetrics(tiny.path("watched"))).toEqual(timelessMetrics(tiny.path("plain")));
    expect(existsSync(runPaths(tiny.path("plain")).diagnostics)).toBe(false);

    const lines = linesOf(tiny.path("watched"));
    expect(lines.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20]);
    expect(events.flatMap((event) => (event.type === "statistics" ? [event.line] : []))).toEqual(lines);
    const names = lines[0].records.map(({ name }) => name);
    expect(names).toContain("logits");
    expect(names).toContain("blocks.0.attention.probabilities");
    expect(names).toContain("tokenEmbedding.weight");
    for (const { step, records } of lines) {
      for (const { kind, std, gradient, updateToData } of records) {
        if (kind !== "parameter") continue;
        expect(std).toBeGreaterThan(0);
        expect(gradient?.std).toBeGreaterThan(0);
        // The last step measures and does not update.
        if (step === 20) expect(updateToData).toBeNull();
        else expect(updateToData).toBeGreaterThan(0);
      }
    }
  });

  it("goes on as if it had never stopped", async () => {
    const config = watchedConfig();
    await train({ config, out: tiny.path("whole") });
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.type === "metrics" && event.metrics.step === 11) stop.abort();
    };
    await train({ config, out: tiny.path("parts"), signal: stop.signal, onEvent });
    expect(linesOf(tiny.path("parts")).map(({ step }) => step)).toEqual([0, 5, 10]);
    await train({ resume: true, out: tiny.path("parts") });
    expect(readFileSync(runPaths(tiny.path("parts")).diagnostics)).toEqual(
      readFileSync(runPaths(tiny.path("whole")).diagnostics),
    );
  });

  it("can begin in the middle of a run", async () => {
    const config = { ...watchedConfig(), watchInterval: 0 };
    await train({ config: { ...config, maxSteps: 6, decaySteps: 30 }, out: tiny.path("run") });
    await train({ config: { maxSteps: 10, watchInterval: 4 }, resume: true, out: tiny.path("run") });
    expect(linesOf(tiny.path("run")).map(({ step }) => step)).toEqual([8]);
  });
});

describe("a run that diverges", () => {
  it.each([0, 5])("ends with the first tensor that went bad, looking every %i steps", async (watchInterval) => {
    // Weight decay above 1 turns every weight around and makes it larger, until it is no number.
    const config = {
      learningRate: 1000,
      weightDecay: 1000,
      gradClip: 0,
      schedule: "constant",
      warmupSteps: 0,
    } as const;
    const outcome = await train({
      config: { ...watchedConfig(), ...config, watchInterval },
      out: tiny.path("run"),
    });
    expect(outcome.status).toBe("diverged");
    expect(outcome.firstBad).toMatchObject({ name: expect.stringMatching(/./) });
    const { nanCount = 0, infinityCount = 0 } = outcome.firstBad ?? {};
    expect(nanCount + infinityCount).toBeGreaterThan(0);

    const last = linesOf(tiny.path("run")).at(-1);
    expect(last?.step).toBe(outcome.step);
    expect(last?.records.find(({ name }) => name === outcome.firstBad?.name)?.count).toBe(outcome.firstBad?.count);
    const checkpoint = await readCheckpoint(runPaths(tiny.path("run")).last);
    expect(checkpoint?.state.step).toBe(outcome.checkpointStep);
    for (const { data } of checkpoint?.weights.values() ?? []) expect(data.every(Number.isFinite)).toBe(true);
  });

  it("names the largest gradient where their norm overflows though each element is a number", async () => {
    const config = { learningRate: 1000, gradClip: 0, schedule: "constant", warmupSteps: 0, nLayer: 4 } as const;
    const outcome = await train({ config: { ...watchedConfig(), ...config, dropout: 0 }, out: tiny.path("run") });
    expect(outcome).toMatchObject({
      status: "diverged",
      firstBad: { part: "gradient", nanCount: 0, infinityCount: 0 },
    });
    // Of 40 gradients whose squares are more than 3.4e38 together, the largest.
    expect(outcome.firstBad?.norm).toBeGreaterThan(2.9e18);
  });
});
