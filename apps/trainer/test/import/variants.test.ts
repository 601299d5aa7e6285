import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, encodeSafetensors, safetensorsEntry, stateDict } from "@llm-learning/nn-core";
import {
  evaluateRun,
  exportModel,
  generateSamples,
  importModel,
  type ImportedRun,
  loadModel,
  openRun,
  prepareData,
  runPaths,
  UsageError,
} from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyFolder, tinyFolder } from "../tinyRun.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));

/** What transformers computes with the models of fixtures/variants; see fixtures/generate.py. */
const { variants: losses } = JSON.parse(readFileSync(join(fixtures, "losses.json"), "utf8")) as {
  variants: Record<string, number>;
};

type Json = Record<string, unknown>;

let tiny: TinyFolder;
beforeAll(() => {
  tiny = tinyFolder();
});
afterAll(() => tiny.remove());

const configOf = (directory: string): Json => JSON.parse(readFileSync(join(directory, "config.json"), "utf8")) as Json;

/** A copy of a variant, with the tokenizer that all share. */
function copyOf(name: string, to = name): string {
  const directory = tiny.path("models", to);
  cpSync(join(fixtures, "variants", name), directory, { recursive: true });
  cpSync(join(fixtures, "tied", "tokenizer.json"), join(directory, "tokenizer.json"));
  return directory;
}

const importInto = (directory: string, run: string): Promise<ImportedRun> =>
  importModel({ directory, config: { data: tiny.data, threads: 1 }, out: tiny.path("runs", run) });

async function weightsOf(root: string): Promise<[string, Float32Array][]> {
  const { model } = await loadModel(await openRun(root), "best");
  return [...stateDict(model)].map(([name, { data }]) => [name, data]);
}

describe.each(Object.keys(losses))("%s", (name) => {
  let imported: ImportedRun;
  beforeAll(async () => {
    imported = await importInto(copyOf(name), name);
  });

  it("has the loss that transformers computes", async () => {
    const { loss } = await evaluateRun(imported.root, { split: "all" });
    // Logits of about 5 in float32 on both sides, in another order of sums.
    expect(Math.abs(loss - losses[name])).toBeLessThan(1e-5);
  });

  it("is exported in its form, and read again with the same bits", async () => {
    const { model } = runPaths(imported.root);
    const [ours, theirs] = [configOf(model), configOf(tiny.path("models", name))];
    // Mistral's form is Llama's within its window.
    expect(ours.model_type).toBe(theirs.model_type === "mistral" ? "llama" : theirs.model_type);
    const again = await importInto(model, `again-${name}`);
    expect(again.config).toEqual({ ...imported.config, preset: "model", tokenizer: model });
    expect(await weightsOf(again.root)).toEqual(await weightsOf(imported.root));
    expect(again.notes).toEqual([]);
  });
});

describe("what a model says besides", () => {
  it("is that its context ends with its window", async () => {
    const { config, notes } = await importInto(copyOf("mistral-window", "window"), "window");
    expect(config.blockSize).toBe(12);
    expect(notes).toEqual([
      "the context is 12, the model's sliding_window, within which attention without a window is the same",
    ]);
  });

  it("is that rows have no tokens; they stay, and are written by names that stand for nothing", async () => {
    const { root, notes, vocabSize } = await importInto(copyOf("qwen2-padded-shards", "padded"), "padded");
    expect(vocabSize).toBe(280);
    expect(notes).toEqual(["the model has 10 rows without a token, which are named <|unused_ID|>"]);
    const { tokenizer } = await openRun(root);
    expect(tokenizer.decode([5, 275])).toBe(`${tokenizer.decode([5])}<|unused_275|>`);
    expect(tokenizer.decode([5, 275], { skipSpecialTokens: true })).toBe(tokenizer.decode([5]));
    // A sample of 200 tokens of a random model has some of them.
    const options = { count: 1, maxTokens: 200, temperature: 1, seed: 1 };
    const { samples } = await generateSamples(runPaths(root).model, options);
    expect(samples[0].text).toContain("<|unused_2");
  });

  it("is that a configuration has keys that nobody knows", async () => {
    const directory = copyOf("gpt2-relu", "unknown");
    const changed = { ...configOf(directory), rope_magic: 3, temperature: 0.7 };
    writeFileSync(join(directory, "config.json"), JSON.stringify(changed));
    const { notes } = await importInto(directory, "unknown");
    expect(notes).toEqual(['config.json has keys that are not known here and decide nothing: "rope_magic"']);
  });
});

describe("a model with rows that have no tokens", () => {
  it("predicts a text as transformers does, and data that the tokenizer without them has prepared", async () => {
    const directory = copyOf("qwen2-padded-shards", "padded-data");
    const { root } = await importInto(directory, "padded-data");
    const whole = await evaluateRun(root, { data: tiny.data });
    expect(Math.abs(whole.loss - losses["qwen2-padded-shards"])).toBeLessThan(1e-5);

    const tokens = tiny.path("padded-tokens");
    await prepareData({ inputs: [tiny.data], out: tokens, tokenizer: directory });
    const [train, val] = await Promise.all(
      (["train", "val"] as const).map((split) => evaluateRun(root, { data: tiny.data, split })),
    );
    const prepared = await evaluateRun(root, { data: tokens });
    expect(prepared.tokens).toBe(train.tokens + val.tokens);
    const expected = (train.loss * train.tokens + val.loss * val.tokens) / prepared.tokens;
    // Windows in batches of other sizes.
    expect(Math.abs(prepared.loss - expected)).toBeLessThan(1e-5);

    // What the ids of another tokenizer mean is not asked of the model.
    const bytes = tiny.path("byte-tokens");
    await prepareData({ inputs: [tiny.data], out: bytes, tokenizer: "byte" });
    const other = importModel({ directory, config: { data: bytes }, out: tiny.path("other-tokens") });
    await expect(other).rejects.toThrow(
      new UsageError(
        `expected the tokenizer that "${bytes}" was prepared with (byte), got another: prepare the data anew, or leave out --tokenizer ` +
          "where it was given",
      ),
    );
  });
});

describe("a GGUF file", () => {
  it.each([["arcee-biases", /got a Llama with mlp "squared-relu", .*, mlpBias true, ropeScaling "none" together/]])(
    "of %s is refused",
    async (name, message) => {
      const { root } = await importInto(copyOf(name, `gguf-${name}`), `gguf-${name}`);
      const { tokenizer } = await openRun(root);
      const { model } = await loadModel(await openRun(root), "best");
      const outDir = tiny.path(`gguf-${name}`);
      await expect(exportModel({ model, tokenizer, outDir, formats: ["gguf"] })).rejects.toThrow(message);
    },
  );
});

describe("a model whose choices are not ours", () => {
  const cases: [string, string, Json, RegExp][] = [
    [
      "quantized weights",
      "llama3",
      { quantization_config: { bits: 4 } },
      /with no quantization_config, got \{"bits":4\}/,
    ],
    ["an encoder", "llama3", { is_encoder_decoder: true }, /with no is_encoder_decoder, got true/],
    ["pruned heads", "gpt2-gelu", { pruned_heads: { 0: [1] } }, /with no pruned_heads, got \{"0":\[1\]\}/],
    ["another gate", "llama3", { hidden_act: "gelu" }, /^expected a llama with hidden_act "silu", got "gelu"/],
    [
      "heads turned in part",
      "llama3",
      { partial_rotary_factor: 0.5 },
      /partial_rotary_factor: heads that are turned in part, which our model has not/,
    ],
    [
      "heads turned in part, said elsewhere",
      "llama3",
      { rope_parameters: { rope_type: "default", partial_rotary_factor: 0.5 } },
      /got rope_parameters.partial_rotary_factor: heads that are turned in part/,
    ],
    [
      "positions of another kind",
      "llama3",
      { rope_parameters: { rope_type: "longrope", factor: 2 } },
      /^expected rope_parameters of rope_type default, linear, dynamic, yarn or llama3, got "longrope"/,
    ],
    [
      "positions with numbers of their own",
      "llama3",
      { rope_parameters: { rope_type: "linear", factor: 2, long_factor: [1] } },
      /^expected rope_parameters that is known, got rope_parameters: Unrecognized key: "long_factor"/,
    ],
    [
      "positions without a factor",
      "llama3",
      { rope_parameters: null, rope_scaling: { type: "linear" } },
      /^expected rope_scaling of rope_type "linear" with factor, got none/,
    ],
    [
      "layers with windows",
      "llama3",
      { layer_types: ["sliding_attention"] },
      /layer_types of full_attention, got "sli/,
    ],
    [
      "biases that its form has not",
      "qwen2-padded-shards",
      { attention_bias: true },
      /with no attention_bias, got true/,
    ],
    ["biases of its feed-forward layers", "qwen3-biases", { mlp_bias: true }, /with no mlp_bias, got true/],
    [
      "sizes that contradict",
      "gpt2-gelu",
      { hidden_size: 16 },
      /with hidden_size 8, which has another name besides, got 16/,
    ],
    [
      "scores scaled by layer",
      "gpt2-gelu",
      { scale_attn_by_inverse_layer_idx: true },
      /no scale_attn_by_inverse_layer_idx/,
    ],
    ["scores not scaled", "gpt2-gelu", { scale_attn_weights: false }, /with scale_attn_weights, got false/],
    [
      "fewer rows than tokens",
      "llama3",
      { vocab_size: 200 },
      /^expected a tokenizer of the model's 200 tokens, got one of 270$/,
    ],
    [
      "far more rows",
      "llama3",
      { vocab_size: 900_000 },
      /^expected a tokenizer of the model's 900000 tokens, got one of 270$/,
    ],
    ["an odd width of heads", "llama3", { head_dim: 3 }, /^expected headDim to be an even integer >= 2, got 3/],
  ];
  it.each(cases)("for %s is refused in one line", async (what, name, changes, message) => {
    const directory = copyOf(name, `no ${what}`);
    writeFileSync(join(directory, "config.json"), JSON.stringify({ ...configOf(directory), ...changes }));
    const error: unknown = await importInto(directory, `no ${what}`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("\n");
  });

  it("for tied weights that differ is refused", async () => {
    const directory = copyOf("llama-tied-twice", "untied");
    const path = join(directory, "model.safetensors");
    const { tensors } = decodeSafetensors(readFileSync(path));
    tensors.set("lm_head.weight", safetensorsEntry(new Float32Array(270 * 8), [270, 8]));
    writeFileSync(path, encodeSafetensors(tensors));
    await expect(importInto(directory, "untied")).rejects.toThrow(
      /^expected "lm_head.weight" equal to "model.embed_tokens.weight", as tie_word_embeddings says, got others/,
    );
  });
});

describe("weights in several files", () => {
  const [first, second] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const index = "model.safetensors.index.json";
  const shards = (to: string): string => copyOf("qwen2-padded-shards", to);
  const changeIndex = (directory: string, change: (map: Record<string, string>) => void): void => {
    const path = join(directory, index);
    const json = JSON.parse(readFileSync(path, "utf8")) as { weight_map: Record<string, string> };
    change(json.weight_map);
    writeFileSync(path, JSON.stringify(json));
  };

  it("are there in the fixture", () => {
    expect(readdirSync(shards("listed")).toSorted()).toEqual(["config.json", first, second, index, "tokenizer.json"]);
  });

  const cases: [string, (directory: string) => void, RegExp][] = [
    ["one is missing", (directory) => rmSync(join(directory, second)), /-00002-of-00002.safetensors", got none$/],
    ["the index is no JSON", (directory) => writeFileSync(join(directory, index), "{"), /^expected JSON, got "\{"/],
    [
      "the index has no map",
      (directory) => writeFileSync(join(directory, index), "{}"),
      /^expected an index of weights, got weight_map: /,
    ],
    [
      "the index leads out of the directory",
      (directory) => changeIndex(directory, (map) => (map["model.norm.weight"] = "../evil.safetensors")),
      /weight_map.model.norm.weight: expected the name of a .safetensors file/,
    ],
    [
      "a tensor is not where the index has it",
      (directory) => changeIndex(directory, (map) => (map["model.norm.weight"] = map["model.embed_tokens.weight"])),
      /^expected the tensors that the index names, got "model.norm.weight"|^expected a tensor "model.norm.weight" in/,
    ],
    [
      "a file has tensors that the index has not",
      (directory) => changeIndex(directory, (map) => delete map["model.norm.weight"]),
      /^expected the tensors that the index names, got "model.norm.weight" \(in ".*safetensors"\)$/,
    ],
    [
      "the index names a tensor that is nowhere",
      (directory) => changeIndex(directory, (map) => (map["model.extra.weight"] = first)),
      /^expected a tensor "model.extra.weight" in ".*00001-of-00002.safetensors", got none$/,
    ],
    [
      "a file is damaged",
      (directory) => renameSync(join(directory, "tokenizer.json"), join(directory, first)),
      /\(in ".*00001-of-00002.safetensors"\)$|tokenizer/,
    ],
  ];
  it.each(cases)("are refused where %s", async (what, damage, message) => {
    const directory = shards(what);
    damage(directory);
    cpSync(join(fixtures, "tied", "tokenizer.json"), join(directory, "tokenizer.json"));
    const error: unknown = await importInto(directory, `no ${what}`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
  });
});
