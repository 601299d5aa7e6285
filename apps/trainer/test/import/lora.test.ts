import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, float32Values } from "@llm-learning/nn-core";
import {
  evaluateRun,
  importModel,
  openRun,
  parseMetrics,
  resolveConfig,
  runPaths,
  train,
  type TrainConfig,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportPeft } from "../../src/export/peft/exportPeft.ts";
import { checkpointDigests, type TinyFolder, tinyFolder } from "../tinyRun.ts";

const directoryOf = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Adapters of the same rank that PEFT made; see fixtures/generatePeft.py. */
const { adapters: peft } = JSON.parse(
  readFileSync(fileURLToPath(new URL("fixtures/peft.json", import.meta.url)), "utf8"),
) as { adapters: Record<string, { shapes: Record<string, number[]>; target_modules: string[] }> };

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

const tensorsOf = (path: string): Map<string, Float32Array> =>
  new Map([...decodeSafetensors(readFileSync(path)).tensors].map(([name, entry]) => [name, float32Values(entry)]));

const tuning: Partial<TrainConfig> = {
  maxSteps: 12,
  batchSize: 2,
  learningRate: 1e-2,
  evalInterval: 6,
  evalBatches: 1,
  logInterval: 1,
  checkpointInterval: 6,
  sampleCount: 0,
  threads: 1,
};
const lora: Partial<TrainConfig> = { ...tuning, loraRank: 2, loraAlpha: 8, loraDropout: 0.25 };

async function imported(name: string, out: string, config: Partial<TrainConfig>): Promise<string> {
  const root = tiny.path(out);
  await importModel({ directory: directoryOf(name), config: { data: tiny.data, ...config }, out: root });
  return root;
}

describe.each(["tied", "qwen3-bf16"])("%s with LoRA", (name) => {
  let root: string;
  let before: Map<string, Float32Array>;
  let importedLoss: number;
  beforeAll(async () => {
    root = await imported(name, `lora-${name}`, lora);
    before = tensorsOf(runPaths(root).last);
    importedLoss = (await evaluateRun(root, { split: "all" })).loss;
    await train({ out: root, resume: true });
  });

  it("begins with the model's own loss, to the bit", async () => {
    const plain = await imported(name, `full-${name}`, { ...tuning, maxSteps: 1 });
    expect(importedLoss).toBe((await evaluateRun(plain, { split: "all" })).loss);
    // Dropout is of the changes alone, and they are zero.
    await train({ out: plain, resume: true });
    const firstLoss = (run: string) => parseMetrics(readFileSync(runPaths(run).metrics, "utf8"))[0].trainLoss;
    expect(firstLoss(root)).toBe(firstLoss(plain));
  });

  it("learns, and leaves every weight as it was", async () => {
    expect((await evaluateRun(root, { split: "all" })).loss).toBeLessThan(importedLoss - 0.3);
    const after = tensorsOf(runPaths(root).last);
    const moments = [...after.keys()].filter((key) => key.startsWith("optimizer."));
    const changes = [...before.keys()].filter((key) => /^model\..*\.adapter\./.test(key));
    expect(changes.length).toBeGreaterThan(0);
    expect(moments).toHaveLength(2 * changes.length);
    for (const [key, values] of before) {
      if (!key.startsWith("model.")) continue;
      if (key.includes(".adapter.")) expect(after.get(key), key).not.toEqual(values);
      else expect(after.get(key), key).toEqual(values);
    }
  });

  it("is resumed bit for bit", async () => {
    const halves = await imported(name, `halves-${name}`, lora);
    await train({ out: halves, resume: true, config: { maxSteps: 6 } });
    await train({ out: halves, resume: true, config: { maxSteps: 12 } });
    expect(checkpointDigests(halves).last).toBe(checkpointDigests(root).last);
  });

  it("is exported as an adapter under the names and in the shapes of PEFT's own", async () => {
    const outDir = tiny.path(`peft-${name}`);
    const run = await openRun(root);
    await exportPeft(run, outDir);
    const { files } = await exportPeft(run, outDir); // replaces its own
    expect(files.map(({ path }) => path)).toEqual([
      "adapter_config.json",
      "training.json",
      "adapter_model.safetensors",
    ]);
    const { tensors } = decodeSafetensors(readFileSync(join(outDir, "adapter_model.safetensors")));
    const shapes = [...tensors].map(([key, { shape }]) => [key, shape] as const);
    expect(Object.fromEntries(shapes)).toEqual(peft[name].shapes);
    const config = JSON.parse(readFileSync(join(outDir, "adapter_config.json"), "utf8")) as Record<string, unknown>;
    expect(config).toMatchObject({ r: 2, lora_alpha: 8, lora_dropout: 0.25, fan_in_fan_out: name === "tied" });
    expect((config.target_modules as string[]).toSorted()).toEqual(peft[name].target_modules.toSorted());
  });

  it("is exported as plain weights, and comes back with the same loss", async () => {
    const { best, model } = runPaths(root);
    const exported = tensorsOf(join(model, "model.safetensors"));
    expect([...exported.keys()].sort()).toEqual(
      [...tensorsOf(join(directoryOf(name), "model.safetensors")).keys()].sort(),
    );
    if (name === "qwen3-bf16") {
      // W + alpha / rank * up down, with alpha 8 and rank 2.
      const weights = tensorsOf(best);
      const [W, up, down] = ["weight", "adapter.up", "adapter.down"].map((part) =>
        weights.get(`model.blocks.0.attention.query.${part}`)!,
      );
      const [O, I] = [32, 16];
      const merged = Float32Array.from({ length: O * I }, (_, at) => {
        const [o, i] = [Math.floor(at / I), at % I];
        return W[at] + (4 * up[2 * o] * down[i] + 4 * up[2 * o + 1] * down[I + i]);
      });
      expect(exported.get("model.layers.0.self_attn.q_proj.weight")).toEqual(merged);
    }
    const again = tiny.path(`again-${name}`);
    await importModel({ directory: model, config: { data: tiny.data, threads: 1 }, out: again });
    const [mine, theirs] = [await evaluateRun(root, { split: "all" }), await evaluateRun(again, { split: "all" })];
    expect(theirs.loss).toBe(mine.loss);
  });
});

describe("a run whose weights are trained themselves", () => {
  it("has no adapter to export", async () => {
    const run = await openRun(await imported("tied", "no-adapter", tuning));
    await expect(exportPeft(run, tiny.path("none"))).rejects.toThrow(
      new UsageError("expected a run with LoRA for --format peft, got one whose weights are trained themselves"),
    );
  });
});

describe("the keys of LoRA", () => {
  const resolved = (config: Partial<TrainConfig>) => resolveConfig({ ...config, data: tiny.data });
  it("are those of a rank above 0", () => {
    expect(resolved({ loraRank: 4 })).toMatchObject({ loraAlpha: 8, loraDropout: 0, loraTargets: "all" });
    expect(resolved({}).loraAlpha).toBeUndefined();
    expect(() => resolved({ loraAlpha: 8 })).toThrow(
      new UsageError("expected loraAlpha only with loraRank above 0, got 8"),
    );
  });

  it("name layers that the model has", () => {
    for (const loraTargets of ["all", "attention", "mlp, qkv"]) resolved({ loraRank: 4, loraTargets });
    expect(() => resolved({ loraRank: 4, loraTargets: "query" })).toThrow(
      new UsageError('expected loraTargets of all, attention, mlp, qkv, output, expand, project, got "query"'),
    );
    expect(() => resolved({ model: "llama", mlp: "squared-relu", loraRank: 4, loraTargets: "gate" })).toThrow(
      /attention, mlp, query, key, value, output, up, down, got "gate"$/,
    );
    expect(() => resolved({ model: "rnn", loraRank: 4 })).toThrow(
      new UsageError("expected loraRank 0, or model gpt or llama, got 4 with rnn"),
    );
  });

  it("are no use where weights begin at random", async () => {
    await expect(train({ config: { data: tiny.data, loraRank: 4 }, out: tiny.path("random") })).rejects.toThrow(
      /^expected loraRank 0 where weights begin at random, got 4: LoRA changes a trained model/,
    );
  });
});
