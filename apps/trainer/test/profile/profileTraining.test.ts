import { existsSync } from "node:fs";
import {
  planTraining,
  profileTraining,
  type TrainConfig,
  type TrainingProfile,
  UsageError,
} from "@llm-learning/trainer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isBuilt, runCli } from "../builtCli.ts";
import { tinyConfig, type TinyFolder, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
beforeEach(() => {
  tiny = tinyFolder();
});
afterEach(() => tiny.remove());

async function profile(changes: Partial<TrainConfig> = {}): Promise<TrainingProfile> {
  const { config, data } = await planTraining({ config: { ...tinyConfig(tiny.data), ...changes } });
  return profileTraining(config, data, { steps: 2 });
}

describe("profileTraining", () => {
  it("divides a step among operators, layers and what is outside the runtime", async () => {
    const found = await profile({ dropout: 0.1 });
    const { operators, layers, kernelMs, stepMs, runMs, flops } = found;
    expect(found.steps).toBe(2);
    const sum = (rows: readonly { readonly ms: number }[]): number => rows.reduce((total, { ms }) => total + ms, 0);
    expect(sum(operators)).toBeCloseTo(kernelMs, 9);
    expect(sum(layers)).toBeCloseTo(kernelMs, 9);
    expect(kernelMs).toBeLessThan(runMs);
    expect(found.batchMs + found.bindingMs + runMs + found.optimizerMs).toBeCloseTo(stepMs, 9);
    expect(layers.map(({ name }) => name)).toContain("blocks.0.mlp.expand");
    // Per token: qkv 3 C^2, output C^2, feed-forward 8 C^2, logits C V, each once forward and twice backward; and attention's two
    // products of [T, C] with itself, and their four gradients.
    const [B, T, C, V] = [4, 16, 16, 22];
    expect(flops).toBe(2 * B * T * (3 * (12 * C * C + C * V) + 6 * T * C) + 2 * B * T * V * C);
  });

  it("is refused for an engine that is not ONNX Runtime", async () => {
    await expect(profile({ engine: "reference" })).rejects.toThrow(
      new UsageError("expected --engine onnxruntime with --profile, got reference: the profiler is its own"),
    );
  });
});

describe.runIf(isBuilt)("llm-learning train --profile", () => {
  it("prints tables, and keeps no run", async () => {
    const flags = Object.entries(tinyConfig(tiny.data)).flatMap(([key, value]) => [
      `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ]);
    const { status, stdout } = await runCli(tiny.folder, ["train", "--profile", "1", ...flags]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^a step takes \d+\.\d+ ms/);
    expect(stdout).toMatch(/^blocks\.\*\.mlp\.expand +\d/m);
    expect(existsSync(tiny.path("runs"))).toBe(false);
  });

  it("is refused with the flags of a run", async () => {
    expect(await runCli(tiny.folder, ["train", "--profile", "--resume", "--out", "x"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("expected --profile without --out and --resume: it keeps no run"),
    });
  });
});
