import { existsSync, readFileSync, writeFileSync } from "node:fs";
import {
  generateSamples,
  parseSamples,
  runPaths,
  type SamplesLine,
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

function sampledConfig(): Partial<TrainConfig> {
  return { ...tinyConfig(tiny.data), dropout: 0.1, sampleCount: 0, sampleInterval: 5 };
}

function linesOf(root: string): SamplesLine[] {
  return parseSamples(readFileSync(runPaths(root).samples, "utf8"));
}

describe("samples while training", () => {
  it("are taken at every step that is asked for, and change no bit of what is trained", async () => {
    const config = sampledConfig();
    const events: TrainingEvent[] = [];
    await train({ config, out: tiny.path("sampled"), onEvent: (event) => events.push(event) });
    await train({ config: { ...config, sampleInterval: 0 }, out: tiny.path("plain") });
    expect(checkpointDigests(tiny.path("sampled"))).toEqual(checkpointDigests(tiny.path("plain")));
    expect(timelessMetrics(tiny.path("sampled"))).toEqual(timelessMetrics(tiny.path("plain")));
    expect(existsSync(runPaths(tiny.path("plain")).samples)).toBe(false);

    const lines = linesOf(tiny.path("sampled"));
    expect(lines.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20]);
    for (const { texts } of lines) expect(texts.map((text) => text.length)).toEqual([10]);
    expect(new Set(lines.map(({ texts }) => texts[0])).size).toBe(5);
    expect(events.flatMap((event) => (event.type === "samples" ? [event.line] : []))).toEqual(lines);
  });

  it("are what the exported model writes with the same weights", async () => {
    const config = { ...sampledConfig(), temperature: 0, sampleInterval: 8, maxSteps: 16 };
    const best: number[] = [];
    const onEvent = (event: TrainingEvent): unknown => event.type === "exported" && best.push(event.step);
    await train({ config, out: tiny.path("run"), onEvent });
    const written = linesOf(tiny.path("run")).find(({ step }) => step === best[0]);
    const { samples } = await generateSamples(runPaths(tiny.path("run")).model, { maxTokens: 10, temperature: 0 });
    expect(written?.texts).toEqual(samples.map(({ text }) => text));
  });

  it("are the same after a stop and a resume, wherever the stop came", async () => {
    const config = sampledConfig();
    await train({ config, out: tiny.path("whole") });
    const stops: ((event: TrainingEvent) => boolean)[] = [
      (event) => event.type === "metrics" && event.metrics.step === 9,
      (event) => event.type === "samples" && event.line.step === 10,
    ];
    for (const [index, isLast] of stops.entries()) {
      const out = tiny.path(`parts-${index}`);
      const stop = new AbortController();
      await train({ config, out, signal: stop.signal, onEvent: (event) => isLast(event) && stop.abort() });
      await train({ resume: true, out });
      expect(readFileSync(runPaths(out).samples)).toEqual(readFileSync(runPaths(tiny.path("whole")).samples));
      expect(checkpointDigests(out)).toEqual(checkpointDigests(tiny.path("whole")));
    }
  });

  it("end soon after a stop, and then nothing is written of that step", async () => {
    const config = { ...sampledConfig(), sampleTokens: 100_000 };
    const stop = new AbortController();
    const out = tiny.path("run");
    const onEvent = (event: TrainingEvent): void => {
      // The first samples would take minutes.
      if (event.type === "ready") setTimeout(() => stop.abort(), 50);
    };
    const outcome = await train({ config, out, signal: stop.signal, onEvent });
    expect(outcome).toMatchObject({ status: "stopped", step: 0, checkpointStep: 0 });
    expect(existsSync(runPaths(out).samples)).toBe(false);
  });

  it("of a run on lines are a few, each a line", async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${"abcdefghij"[i % 10]}${"xyz".repeat(1 + (i % 3))}`);
    writeFileSync(tiny.path("names.txt"), `${[...new Set(names)].join("\n")}\n`);
    const sizes = { nHidden: 16, maxSteps: 20, batchSize: 8, sampleCount: 0, sampleTokens: 12, sampleInterval: 10 };
    const config = { preset: "makemore-mlp-batchnorm", data: tiny.path("names.txt"), ...sizes } as const;
    await train({ config, out: tiny.path("run") });
    const lines = linesOf(tiny.path("run"));
    expect(lines.map(({ step, texts }) => [step, texts.length])).toEqual([
      [0, 5],
      [10, 5],
      [20, 5],
    ]);
    for (const text of lines.flatMap(({ texts }) => texts)) expect(text).toMatch(/^[a-z]{0,12}$/);
  });

  it("of weights that are no numbers are left out, and training says that it has diverged", async () => {
    const config = { learningRate: 500, weightDecay: 10, gradClip: 0, schedule: "constant", warmupSteps: 0 } as const;
    const { status, step } = await train({
      config: { ...sampledConfig(), ...config, sampleInterval: 1 },
      out: tiny.path("run"),
    });
    expect(status).toBe("diverged");
    expect(linesOf(tiny.path("run")).every((line) => line.step <= step)).toBe(true);
  });
});
