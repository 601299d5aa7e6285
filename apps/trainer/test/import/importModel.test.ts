import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, encodeSafetensors, float32Values } from "@llm-learning/nn-core";
import {
  evaluateRun,
  exportModel,
  generateSamples,
  importModel,
  loadModel,
  openRun,
  runPaths,
  train,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

const names = ["tied", "untied-bf16", "bare-f16", "llama", "qwen3-bf16", "arcee-f16"] as const;

/** What transformers computes with the models beside it; see generate.py. */
const { losses, tokens } = JSON.parse(readFileSync(join(fixtures, "losses.json"), "utf8")) as {
  losses: Record<(typeof names)[number], number>;
  tokens: number;
};

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

/** What nanoGPT computes with its own; see generate_nanogpt.py. */
const nanoGpt = JSON.parse(readFileSync(join(fixtures, "nanogptLosses.json"), "utf8")) as {
  losses: Record<string, number>;
  tokens: number;
};

describe.each(Object.keys(nanoGpt.losses))("a model that nanoGPT wrote, %s,", (name) => {
  it("has the loss that nanoGPT computes", async () => {
    const out = tiny.path(`run-${name}`);
    const directory = join(fixtures, name);
    const { config } = await importModel({ directory, config: { data: tiny.data, threads: 1 }, out });
    expect(config).toMatchObject({
      model: "gpt",
      activation: "exact-gelu",
      bias: name === "nanogpt",
      tieWeights: true,
    });
    const { loss, tokens: predicted } = await evaluateRun(out, { split: "all" });
    expect(predicted).toBe(nanoGpt.tokens - 1);
    // Logits of about 5 in float32 on both sides, in another order of sums.
    expect(Math.abs(loss - nanoGpt.losses[name])).toBeLessThan(1e-5);
  });
});

const tensorsOf = (directory: string) => decodeSafetensors(readFileSync(join(directory, "model.safetensors"))).tensors;

describe.each(names)("a model that transformers wrote, %s,", (name) => {
  const directory = join(fixtures, name);
  let root: string;
  beforeAll(async () => {
    root = tiny.path(`run-${name}`);
    await importModel({ directory, config: { data: tiny.data, threads: 1 }, out: root });
  });

  it("has the loss that transformers computes", async () => {
    const { loss, tokens: predicted, step } = await evaluateRun(root, { split: "all" });
    expect(predicted).toBe(tokens - 1);
    expect(step).toBe(0);
    // Logits of about 5 in float32 on both sides, in another order of sums.
    expect(Math.abs(loss - losses[name])).toBeLessThan(1e-5);
  });

  it("is exported with the weights that it came with", () => {
    const exported = tensorsOf(runPaths(root).model);
    const original = tensorsOf(directory);
    const numbers = new Map([...exported].map(([key, entry]) => [key.replace(/^transformer\./, ""), entry]));
    const weights = [...original].filter(([key]) => !/\.attn\.(masked_)?bias$/.test(key));
    expect(weights).toHaveLength(numbers.size);
    for (const [key, entry] of weights) {
      const mine = numbers.get(key.replace(/^transformer\./, ""));
      expect(mine?.shape, key).toEqual(entry.shape);
      expect(float32Values(mine!), key).toEqual(float32Values(entry));
    }
  });
});

describe("an imported run", () => {
  const directory = join(fixtures, "tied");

  it("goes on by --resume, which is fine-tuning, and writes", async () => {
    const out = tiny.path("tuned");
    const changes = { data: tiny.data, learningRate: 3e-3, maxSteps: 20, evalInterval: 10, sampleCount: 0, threads: 1 };
    const { config } = await importModel({ directory, config: changes, out });
    expect(config).toMatchObject({ model: "gpt", blockSize: 32, nLayer: 2, tieWeights: true, preset: "tied" });
    const { samples } = await generateSamples(runPaths(out).model, { count: 1, maxTokens: 5, temperature: 0, seed: 1 });
    expect(samples).toHaveLength(1);
    const before = await evaluateRun(out);
    const { status, step } = await train({ out, resume: true });
    expect({ status, step }).toEqual({ status: "finished", step: 20 });
    const after = await evaluateRun(out);
    expect(after.step).toBeGreaterThan(0);
    expect(after.loss).toBeLessThan(before.loss - 0.5);
  });

  it("may have a shorter context than the model", async () => {
    const out = tiny.path("short");
    const { config } = await importModel({ directory, config: { data: tiny.data, blockSize: 8 }, out });
    expect(config.blockSize).toBe(8);
    const { model } = await loadModel(await openRun(out), "best");
    const rows = float32Values(tensorsOf(directory).get("transformer.wpe.weight")!);
    expect(model).toMatchObject({ positionEmbedding: { weight: { shape: [8, 16], data: rows.slice(0, 8 * 16) } } });
  });

  it("may come from an export of ours", async () => {
    const source = await openRun(tiny.path("run-tied"));
    const { model } = await loadModel(source, "best");
    const outDir = tiny.path("export");
    await exportModel({ model, tokenizer: source.tokenizer, outDir });
    const out = tiny.path("again");
    await importModel({ directory: outDir, config: { data: tiny.data }, out });
    expect((await evaluateRun(out, { split: "all" })).loss).toBeCloseTo(losses.tied, 5);
  });
});

describe("a model that cannot be imported", () => {
  /** A copy of a model directory, damaged. */
  function damaged(name: string, damage: (directory: string) => void): string {
    const directory = tiny.path(name);
    cpSync(join(fixtures, "tied"), directory, { recursive: true });
    damage(directory);
    return directory;
  }
  const changeConfig = (changes: object) => (directory: string) => {
    const path = join(directory, "config.json");
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), ...changes }));
  };
  const changeTensors = (change: (tensors: ReturnType<typeof tensorsOf>) => void) => (directory: string) => {
    const tensors = tensorsOf(directory);
    change(tensors);
    writeFileSync(join(directory, "model.safetensors"), encodeSafetensors(tensors));
  };
  const remove = (file: string) => (directory: string) => rmSync(join(directory, file));

  const cases: [string, (directory: string) => void, RegExp][] = [
    ["no config", remove("config.json"), /^expected a model directory with ".*config.json", got none$/],
    ["no weights", remove("model.safetensors"), /^expected a model directory with ".*model.safetensors", got none$/],
    [
      "no tokenizer",
      remove("tokenizer.json"),
      /^expected a directory with a tokenizer.json, got ".*", which has none$/,
    ],
    [
      "a config that is no JSON",
      (directory) => writeFileSync(join(directory, "config.json"), "{"),
      /^expected JSON, got "\{" \(in ".*config.json"\)$/,
    ],
    ["a null config", (directory) => writeFileSync(join(directory, "config.json"), "null"), /model_type/],
    [
      "another form",
      changeConfig({ model_type: "bert" }),
      /^expected model_type to be one of gpt2, llama, qwen2, qwen3, arcee, mistral, nanogpt, got "bert" \(in ".*config.json"\)$/,
    ],
    ["a form that is on every object", changeConfig({ model_type: "constructor" }), /got "constructor"/],
    ["sizes that are no sizes", changeConfig({ n_embd: -16 }), /^expected the config.json of a GPT-2, got n_embd: /],
    [
      "heads that do not fit",
      changeConfig({ n_head: 3 }),
      /^expected a GPT-2 with n_head that divides n_embd 16, got 3/,
    ],
    [
      "another non-linearity",
      changeConfig({ activation_function: "silu" }),
      /^expected a GPT-2 with activation_function of gelu_new, gelu_pytorch_tanh, gelu, relu, got "silu"/,
    ],
    ["an epsilon of zero", changeConfig({ layer_norm_epsilon: 0 }), /GPT-2, got layer_norm_epsilon: /],
    ["a width beyond the weights", changeConfig({ n_embd: 1_000_000 }), /^expected the \d+ weights .* got \d+/],
    [
      "blocks beyond the weights",
      changeConfig({ n_layer: 3 }),
      /^expected a tensor "transformer.h.2.ln_1.weight", got none/,
    ],
    [
      "another vocabulary than the tokenizer's",
      changeConfig({ vocab_size: 260 }),
      /^expected a tokenizer of the model's 260 tokens, got one of 270$/,
    ],
    [
      "weights that are no safetensors",
      (directory) => writeFileSync(join(directory, "model.safetensors"), "nothing of the kind"),
      /^expected .* \(in ".*model.safetensors"\)$/,
    ],
    [
      "a tensor of another model",
      changeTensors((tensors) => tensors.set("model.embed_tokens.weight", tensors.get("transformer.wte.weight")!)),
      /^expected GPT-2's tensors, got "model.embed_tokens.weight"/,
    ],
    [
      "a tensor of another rank",
      changeTensors((tensors) =>
        tensors.set("transformer.wte.weight", { ...tensors.get("transformer.wte.weight")!, shape: [4320] }),
      ),
      /^expected "transformer.wte.weight" of rank 2, got shape \[4320\]/,
    ],
    [
      "whole numbers for weights",
      changeTensors((tensors) =>
        tensors.set("transformer.wte.weight", { ...tensors.get("transformer.wte.weight")!, dtype: "I32" }),
      ),
      /^expected an entry of F32, BF16, F16 or F64, got "I32"/,
    ],
    [
      "weights of another shape",
      changeTensors((tensors) =>
        tensors.set("transformer.wte.weight", { ...tensors.get("transformer.wte.weight")!, shape: [16, 270] }),
      ),
      /^expected \[270, 16\] for "tokenEmbedding.weight", got \[16, 270\]/,
    ],
  ];
  it.each(cases)("with %s is refused in one line, and nothing is written", async (name, damage, message) => {
    const out = tiny.path(`of ${name}`);
    const error: unknown = await importModel({
      directory: damaged(name, damage),
      config: { data: tiny.data },
      out,
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  it("or a configuration that asks for another model is refused", async () => {
    const directory = join(fixtures, "tied");
    const importWith = (config: object) =>
      importModel({ directory, config: { data: tiny.data, ...config }, out: tiny.path("none") });
    await expect(importWith({ nLayer: 3 })).rejects.toThrow(
      new UsageError("expected nLayer 2, as the model has it, got 3"),
    );
    await expect(importWith({ blockSize: 64 })).rejects.toThrow(
      new UsageError("expected blockSize at most 32, as the model has it, got 64"),
    );
    await expect(importModel({ directory: tiny.path("nowhere") })).rejects.toThrow(/which does not exist$/);
    await expect(importModel({ directory: tiny.data })).rejects.toThrow(/, which is a file$/);
  });
});
