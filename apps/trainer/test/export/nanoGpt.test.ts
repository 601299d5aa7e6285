import { existsSync, readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { GPT, type GPTOptions } from "@llm-learning/models";
import { readTokenShard } from "@llm-learning/datasets/node";
import { decodeSafetensors, float32View, stateDict } from "@llm-learning/nn-core";
import {
  importModel,
  loadModel,
  openRun,
  type Run,
  runPaths,
  train,
  type TrainConfig,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handOffOf } from "../../src/export/handOff.ts";
import { exportNanoGpt } from "../../src/export/nanogpt/exportNanoGpt.ts";
import { expectNanoGpt } from "../../src/export/nanogpt/nanoGptConfig.ts";
import { readCheckpoint } from "../../src/run/checkpoint.ts";
import { type TinyFolder, tinyConfig, tinyFolder, tinyText } from "../tinyRun.ts";

let tiny: TinyFolder;
let run: Run;
beforeAll(async () => {
  tiny = tinyFolder();
  run = await trained("run", { activation: "exact-gelu" });
});
afterAll(() => tiny.remove());

async function trained(name: string, changes: Partial<TrainConfig>): Promise<Run> {
  const config = { ...tinyConfig(tiny.data), maxSteps: 6, sampleCount: 0, ...changes };
  await train({ config, out: tiny.path(name) });
  return openRun(tiny.path(name));
}

const tensorsOf = (...path: string[]) => decodeSafetensors(readFileSync(tiny.path(...path))).tensors;

describe("a directory for nanoGPT", () => {
  it("holds the last checkpoint under nanoGPT's names, linear layers as PyTorch has them", async () => {
    const { step, files, warnings } = await exportNanoGpt(run, tiny.path("hand"));
    expect({ step, warnings }).toEqual({ step: 6, warnings: [] });
    expect(files.map(({ path }) => path)).toEqual([
      "config.json",
      "tokenizer.json",
      "model.safetensors",
      "optimizer.safetensors",
      "train.bin",
      "val.bin",
      "meta.json",
      "load.py",
      "save.py",
    ]);
    const weights = stateDict((await loadModel(run, "last")).model);
    const tensors = tensorsOf("hand", "model.safetensors");
    const block = ["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"];
    const withBias = [...block.map((layer) => `h.0.${layer}`), "ln_f"].flatMap((key) => [
      `${key}.weight`,
      `${key}.bias`,
    ]);
    expect([...tensors.keys()].toSorted()).toEqual(
      ["wte.weight", "wpe.weight", ...withBias].map((key) => `transformer.${key}`).toSorted(),
    );
    const qkv = tensors.get("transformer.h.0.attn.c_attn.weight")!;
    expect(qkv.shape).toEqual([48, 16]);
    expect(float32View(qkv)).toEqual(weights.get("blocks.0.attention.qkv.weight")!.data);
    const { optimizer } = (await readCheckpoint(runPaths(tiny.path("run")).last))!;
    const moments = tensorsOf("hand", "optimizer.safetensors");
    expect(moments.size).toBe(2 * tensors.size);
    const second = moments.get("exp_avg_sq.transformer.h.0.mlp.c_proj.weight")!;
    expect(second.shape).toEqual([16, 64]);
    expect(float32View(second)).toEqual(optimizer!.secondMoments!.get("blocks.0.mlp.project.weight"));
  });

  it("says in config.json what train.py is to be told", () => {
    const config = JSON.parse(readFileSync(tiny.path("hand", "config.json"), "utf8")) as Record<string, unknown>;
    expect(config).toMatchObject({
      model_type: "nanogpt",
      n_layer: 1,
      n_head: 2,
      n_embd: 16,
      block_size: 16,
      bias: true,
      dropout: 0,
      vocab_size: run.tokenizer.vocabSize,
      iter_num: 6,
      best_val_loss: expect.any(Number),
      eps: 1e-8,
      train: {
        batch_size: 4,
        gradient_accumulation_steps: 1,
        learning_rate: 8e-3,
        min_lr: 8e-4,
        decay_lr: true,
        warmup_iters: 0,
        max_iters: 6,
        beta1: 0.9,
        beta2: 0.99,
        grad_clip: 1,
        eval_interval: 8,
        eval_iters: 2,
      },
      llm_learning: { step: 6 },
    });
  });

  it("holds the tokens of both parts, and the characters", async () => {
    const shards = await Promise.all(
      ["train.bin", "val.bin"].map((name) => readTokenShard(tiny.path("hand", name), { dtype: "uint16" })),
    );
    expect(shards.map((ids) => run.tokenizer.decode(ids)).join("")).toBe(tinyText);
    // A tenth validates.
    expect(shards[1].length / tinyText.length).toBeCloseTo(0.1, 2);
    const characters = [...new Set(tinyText)].toSorted();
    expect(JSON.parse(readFileSync(tiny.path("hand", "meta.json"), "utf8"))).toEqual({
      vocab_size: characters.length,
      characters,
    });
  });

  it("is read by import, with the same weights", async () => {
    const out = tiny.path("back");
    const { config } = await importModel({ directory: tiny.path("hand"), config: { data: tiny.data }, out });
    expect(config).toMatchObject({ activation: "exact-gelu", blockSize: 16, bias: true });
    const [back, there] = await Promise.all([loadModel(await openRun(out), "last"), loadModel(run, "last")]);
    expect(stateDict(back.model)).toEqual(stateDict(there.model));
    const short = { data: tiny.data, blockSize: 8 };
    const cut = await importModel({ directory: tiny.path("hand"), config: short, out: tiny.path("short") });
    expect(cut.config.blockSize).toBe(8);
  });

  it("takes the place of an earlier one, and of nothing else", async () => {
    await exportNanoGpt(run, tiny.path("hand"));
    await expect(exportNanoGpt(run, runPaths(tiny.path("run")).model)).rejects.toThrow(
      /to be a new, empty or earlier model directory, got one with other files/,
    );
  });

  it("warns where nanoGPT computes something else, and goes on without moments that there are not", async () => {
    const other = await trained("sgd", {
      bias: false,
      optimizer: "sgd",
      momentum: 0,
      schedule: "step",
      decaySteps: 3,
      gradientAccumulation: 2,
      order: "shuffled",
      embeddingRate: 0.5,
    });
    const { warnings, files } = await exportNanoGpt(other, tiny.path("hand-sgd"));
    expect(warnings).toEqual([
      expect.stringMatching(/^nanoGPT computes GELU exactly, this model in GPT-2's tanh form/),
      expect.stringMatching(/^nanoGPT has AdamW alone/),
      expect.stringMatching(/^nanoGPT's schedule has no step/),
      expect.stringMatching(/^nanoGPT draws windows at random/),
      expect.stringMatching(/^nanoGPT has one rate, and one decay for all but vectors: embeddingRate/),
    ]);
    expect(files.map(({ path }) => path)).not.toContain("optimizer.safetensors");
    expect([...tensorsOf("hand-sgd", "model.safetensors").keys()].filter((key) => key.endsWith("bias"))).toEqual([]);
    const { train: settings } = JSON.parse(readFileSync(tiny.path("hand-sgd", "config.json"), "utf8")) as {
      train: Record<string, unknown>;
    };
    expect(settings).toMatchObject({
      decay_lr: false,
      learning_rate: other.config.minLearningRate,
      batch_size: 4,
      gradient_accumulation_steps: 2,
    });
  });

  it.each<[string, Partial<GPTOptions>, RegExp]>([
    ["ReLU", { activation: "relu" }, /^expected a GPT with GELU for --format nanogpt, got activation relu$/],
    [
      "an output layer of its own",
      { tieWeights: false },
      /^expected a GPT with tied weights .*, got a separate output/,
    ],
    ["biases here and there", { qkvBias: false }, /^expected biases in all layers or in none .*, got qkvBias false/],
    ["another width inside", { nHidden: 4 }, /^expected feed-forward layers 4 times as wide .*, got nHidden 4$/],
    ["another epsilon", { normEps: 1e-6 }, /^expected LayerNorm with epsilon 1e-5 .*, got normEps 0.000001$/],
    ["ids of more than 16 bits", { vocabSize: 65_537 }, /^expected a vocabulary of at most 65536 .*, got one of 65537/],
  ])("cannot be of a GPT with %s", (_, options, message) => {
    const sizes = { vocabSize: 5, blockSize: 2, nLayer: 1, nHead: 1, nEmbd: 2 };
    const gpt = new GPT({ ...sizes, ...options }, { rng: new Rng(1) });
    expect(() => expectNanoGpt(gpt, run.config)).toThrow(message);
    expect(() => expectNanoGpt(gpt, run.config)).toThrow(UsageError);
  });

  it("cannot be of another model, or of lines", async () => {
    const out = tiny.path("none");
    for (const [changes, message] of [
      [{ model: "bigram" }, /^expected a GPT for --format nanogpt, got model bigram$/],
      [{ lines: true }, /^expected a run on a text .*, got one on lines/],
    ] as const) {
      await expect(exportNanoGpt({ ...run, config: { ...run.config, ...changes } }, out)).rejects.toThrow(message);
    }
    expect(existsSync(out)).toBe(false);
  });
});

describe("--format", () => {
  it("names a hand-off alone, and without forms of the ONNX model", () => {
    const plain = { quantize: [], portable: false };
    expect(handOffOf("onnx,safetensors", { quantize: ["q4"], portable: true })).toBeUndefined();
    expect(handOffOf("nanogpt", plain)).toBe(exportNanoGpt);
    expect(() => handOffOf("onnx,nanogpt", plain)).toThrow(
      "expected --format nanogpt alone, which is a directory of its own, got onnx,nanogpt",
    );
    for (const [options, given] of [
      [{ ...plain, quantize: ["q8", "q4"] }, "--quantize q8"],
      [{ ...plain, portable: true }, "--portable"],
    ] as const) {
      expect(() => handOffOf("nanogpt", options)).toThrow(
        `expected --format nanogpt without forms of the ONNX model, which it has none of, got ${given}`,
      );
    }
  });
});
