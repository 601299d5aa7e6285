import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@llm-learning/init";
import { GPT, type GPTOptions, traceCausalLM } from "@llm-learning/models";
import {
  compile,
  decodeSafetensors,
  elementCount,
  float32View,
  input,
  graphOf,
  namedParameters,
  referenceEngine,
} from "@llm-learning/nn-core";
import { decodeModel, encodeModel, type OnnxValueInfo } from "@llm-learning/onnx";
import { createOrtSession, onnxruntimeEngine, openGenerator, readOnnxModel } from "@llm-learning/onnx/node";
import { CharacterTokenizer, parseTokenizer } from "@llm-learning/tokenizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { encodeOnnx } from "../../src/export/encodeOnnx.ts";
import { exportModel } from "../../src/export/exportModel.ts";
import { gpt2Weights } from "../../src/export/gpt2Weights.ts";

const tokenizer = CharacterTokenizer.fromText("\n abcdefghij");
const sizes: GPTOptions = { vocabSize: 12, blockSize: 16, nLayer: 2, nHead: 2, nEmbd: 8, init: "torch" };
const gptOf = (options: Partial<GPTOptions> = {}): GPT => new GPT({ ...sizes, ...options }, { rng: new Rng(2) });

const variants: [name: string, options: Partial<GPTOptions>][] = [
  ["GPT-2's form", {}],
  ["without biases, as nanoGPT trains", { bias: false, dropout: 0.2 }],
  ["GELU as it is", { activation: "exact-gelu" }],
  ["the lecture's form", { activation: "relu", qkvBias: false, tieWeights: false, outputBias: true }],
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const readJson = async (...path: string[]): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, ...path), "utf8"));

const gpt2 = { modelType: "gpt2" };

describe("the exported ONNX model", () => {
  it.each(variants)("of %s has the logits of the training graph", async (_, options) => {
    const model = gptOf(options);
    const session = await createOrtSession(encodeOnnx(model, gpt2), { threads: 1, strictShapes: true });
    const ids = [3, 1, 4, 1, 5, 9, 2, 6];
    const [B, T] = [2, 4];
    const shape = [B, T];
    const cache = { dtype: "float32", shape: [B, 2, 0, 4], data: new Float32Array() } as const;
    const int64 = (values: number[]) => ({ dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) }) as const;
    const { logits } = await session.run({
      input_ids: int64(ids),
      attention_mask: int64([1, 1, 1, 1, 1, 1, 1, 1]),
      position_ids: int64([0, 1, 2, 3, 0, 1, 2, 3]),
      "past_key_values.0.key": cache,
      "past_key_values.0.value": cache,
      "past_key_values.1.key": cache,
      "past_key_values.1.value": cache,
    });
    const graph = graphOf({ logits: model.forward(input("inputs", shape, "int32")).logits });
    for (const engine of [referenceEngine(), onnxruntimeEngine({ threads: 1 })]) {
      const program = await compile(engine, graph);
      const expected = await program.run({ inputs: Int32Array.from(ids) });
      // Logits of size 1 in float32, after roundings of 6e-8 through two blocks, in another order of sums.
      expect(logits.data, engine.name).toBeAllclose(expected.logits.data as Float32Array, { atol: 5e-6 });
      await program.dispose();
    }
    await session.dispose();
  });

  it("has the names, types and axes that transformers.js and optimum read", () => {
    const { graph, opsetImports, irVersion } = decodeModel(encodeOnnx(gptOf(), gpt2));
    const text = ({ name, dataType, shape }: OnnxValueInfo) => `${name} ${dataType} [${shape?.join(", ")}]`;
    expect(graph.inputs.map(text)).toEqual([
      "input_ids int64 [batch_size, sequence_length]",
      "attention_mask int64 [batch_size, total_sequence_length]",
      "position_ids int64 [batch_size, sequence_length]",
      "past_key_values.0.key float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.0.value float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.1.key float32 [batch_size, 2, past_sequence_length, 4]",
      "past_key_values.1.value float32 [batch_size, 2, past_sequence_length, 4]",
      "num_logits_to_keep int64 []",
    ]);
    expect(graph.outputs.map(text)).toEqual([
      "logits float32 [batch_size, sequence_length, 12]",
      "present.0.key float32 [batch_size, 2, total_sequence_length, 4]",
      "present.0.value float32 [batch_size, 2, total_sequence_length, 4]",
      "present.1.key float32 [batch_size, 2, total_sequence_length, 4]",
      "present.1.value float32 [batch_size, 2, total_sequence_length, 4]",
    ]);
    const domains = [
      { domain: "", version: 21 },
      { domain: "com.microsoft", version: 1 },
    ];
    expect({ opsetImports, irVersion }).toEqual({ opsetImports: domains, irVersion: 10 });
  });

  it("holds each weight once, under the model's own names", () => {
    const model = gptOf();
    const { graph } = decodeModel(encodeOnnx(model, gpt2));
    const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const [name, { shape }] of namedParameters(model)) expect(stored.get(name)?.dims, name).toEqual(shape);
    const weights = [...namedParameters(model).values()].reduce((sum, { elementCount: count }) => sum + count, 0);
    const all = graph.initializers.reduce((sum, { dims }) => sum + elementCount(dims), 0);
    // What else is stored is constants of the graph: shapes, axes, scales.
    expect(all - weights).toBeLessThan(100);
    expect(traceCausalLM(model).parameters).toHaveLength(namedParameters(model).size);
  });

  it("says in its metadata what it is and where it comes from", () => {
    expect(
      decodeModel(encodeOnnx(gptOf(), { ...gpt2, metadata: { step: "500", validation_loss: "1.5" } })).metadata,
    ).toEqual({
      model_type: "gpt2",
      vocab_size: "12",
      block_size: "16",
      n_layer: "2",
      n_head: "2",
      n_embd: "8",
      step: "500",
      validation_loss: "1.5",
    });
  });
});

describe("weights under GPT-2's names", () => {
  it("are stored [in, out] in blocks, [out, in] in the output layer, with zeros for biases that the model lacks", () => {
    const model = gptOf({ bias: false, tieWeights: false });
    const tensors = gpt2Weights(model);
    const qkv = model.blocks[1].attention.qkv.weight;
    const stored = tensors.get("transformer.h.1.attn.c_attn.weight")!;
    expect(stored.shape).toEqual([8, 24]);
    expect(qkv.shape).toEqual([24, 8]);
    const values = float32View(stored);
    for (const [out, of] of [
      [0, 0],
      [5, 3],
      [23, 7],
    ]) {
      expect(values[of * 24 + out]).toBe(qkv.data[out * 8 + of]);
    }
    expect([...float32View(tensors.get("transformer.h.1.attn.c_attn.bias")!)]).toEqual(Array(24).fill(0));
    expect([...float32View(tensors.get("transformer.ln_f.bias")!)]).toEqual(Array(8).fill(0));
    expect(float32View(tensors.get("lm_head.weight")!)).toEqual(model.output!.weight.data);
  });

  it("are GPT-2's and no others", () => {
    const block = (n: number) =>
      ["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"].flatMap((layer) => [
        `transformer.h.${n}.${layer}.weight`,
        `transformer.h.${n}.${layer}.bias`,
      ]);
    const tied = ["transformer.wte.weight", "transformer.wpe.weight", ...block(0), ...block(1)];
    tied.push("transformer.ln_f.weight", "transformer.ln_f.bias");
    expect([...gpt2Weights(gptOf()).keys()]).toEqual(tied);
    expect([...gpt2Weights(gptOf({ tieWeights: false })).keys()]).toEqual([...tied, "lm_head.weight"]);
  });
});

describe("a model directory", () => {
  it("holds what transformers and transformers.js read", async () => {
    const outDir = join(folder, "new", "model");
    const model = gptOf({ bias: false, dropout: 0.1 });
    const result = await exportModel({ model, tokenizer, outDir, step: 250, validationLoss: 2.25 });
    expect((await readdir(outDir)).toSorted()).toEqual(
      [
        "README.md",
        "config.json",
        "genai_config.json",
        "generation_config.json",
        "model.safetensors",
        "onnx",
        "tokenizer.json",
        "tokenizer_config.json",
      ].toSorted(),
    );
    expect(await readdir(join(outDir, "onnx"))).toEqual(["model.onnx"]);
    expect(await readJson("new", "model", "config.json")).toEqual({
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: 12,
      n_positions: 16,
      n_ctx: 16,
      n_embd: 8,
      n_layer: 2,
      n_head: 2,
      n_inner: null,
      activation_function: "gelu_new",
      resid_pdrop: 0.1,
      embd_pdrop: 0.1,
      attn_pdrop: 0.1,
      layer_norm_epsilon: 1e-5,
      tie_word_embeddings: true,
      bos_token_id: null,
      eos_token_id: null,
      pad_token_id: null,
      use_cache: true,
      torch_dtype: "float32",
      llm_learning: { step: 250, validation_loss: 2.25 },
    });
    expect(await readJson("new", "model", "tokenizer_config.json")).toMatchObject({ model_max_length: 16 });
    const text = await readFile(join(outDir, "tokenizer.json"), "utf8");
    expect(parseTokenizer(text).decode([3, 2, 4])).toBe("bac");
    const { tensors, metadata } = decodeSafetensors(await readFile(join(outDir, "model.safetensors")));
    expect(metadata).toEqual({ format: "pt", step: "250", validation_loss: "2.25" });
    expect(float32View(tensors.get("transformer.wte.weight")!)).toEqual(model.tokenEmbedding.weight.data);
    expect(result.warnings).toEqual([]);
    const file = result.files.find(({ path }) => path === "onnx/model.onnx");
    expect(file?.bytes).toBe((await readFile(join(outDir, "onnx/model.onnx"))).length);
  });

  it("names the non-linearity as transformers does", async () => {
    for (const [activation, theirs] of [
      ["exact-gelu", "gelu"],
      ["relu", "relu"],
    ] as const) {
      await exportModel({ model: gptOf({ activation }), tokenizer, outDir: join(folder, activation) });
      expect(await readJson(activation, "config.json")).toMatchObject({ activation_function: theirs });
    }
  });

  it("names the tokens that begin and end a text, where there are such", async () => {
    const special = CharacterTokenizer.fromText("abcdefghijk", { specialTokens: ["<|endoftext|>"] });
    const outDir = join(folder, "model");
    await exportModel({ model: gptOf(), tokenizer: special, outDir });
    const id = special.tokenToId("<|endoftext|>");
    expect(await readJson("model", "config.json")).toMatchObject({ bos_token_id: id, eos_token_id: id });
    expect(await readJson("model", "generation_config.json")).toMatchObject({ bos_token_id: id, eos_token_id: id });
  });

  it("warns that GPT-2's form has no bias in the output layer", async () => {
    const model = gptOf({ tieWeights: false, outputBias: true });
    const outDir = join(folder, "model");
    const { warnings } = await exportModel({ model, tokenizer, outDir });
    expect(warnings).toEqual([expect.stringMatching(/^model.safetensors lacks the bias of the output layer/)]);
    const { metadata } = decodeSafetensors(await readFile(join(outDir, "model.safetensors")));
    expect(metadata.warning).toBe(warnings[0]);
    // The ONNX model is complete.
    expect((await exportModel({ model, tokenizer, outDir, formats: ["onnx"] })).warnings).toEqual([]);
  });

  it("holds forms in fewer bits where they are asked for, under the names of transformers.js", async () => {
    const outDir = join(folder, "model");
    const model = gptOf({ nEmbd: 32 });
    const { files } = await exportModel({ model, tokenizer, outDir, quantize: ["fp16", "q8", "int8", "q4"] });
    const names = ["model.onnx", "model_fp16.onnx", "model_int8.onnx", "model_q4.onnx", "model_quantized.onnx"];
    expect((await readdir(join(outDir, "onnx"))).toSorted()).toEqual(names);
    const [full, ...smaller] = await Promise.all(
      ["model", "model_fp16", "model_quantized", "model_int8", "model_q4"].map((name) =>
        readFile(join(outDir, `onnx/${name}.onnx`)),
      ),
    );
    const interfaceOf = (bytes: Uint8Array) => {
      const { graph, metadata } = decodeModel(bytes);
      return { inputs: graph.inputs, outputs: graph.outputs, metadata };
    };
    for (const bytes of smaller) expect(interfaceOf(bytes)).toEqual(interfaceOf(full));
    const int8 = smaller.splice(2, 1)[0];
    const sizes = [full, ...smaller].map(({ length }) => length);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(files.find(({ path }) => path === "onnx/model_q4.onnx")?.bytes).toBe(sizes[3]);
    // Smaller than that of q8 where there is more of weights than of nodes.
    expect(int8.length).toBeLessThan(sizes[1]);
    // And an earlier export with them may be replaced.
    await exportModel({ model, tokenizer, outDir });
    expect(await readdir(join(outDir, "onnx"))).toEqual(["model.onnx"]);
  });

  it("keeps to the default domain in every form where it is portable", async () => {
    const outDir = join(folder, "model");
    await exportModel({
      model: gptOf({ nEmbd: 32 }),
      tokenizer,
      outDir,
      quantize: ["fp16", "q8", "q4"],
      portable: true,
    });
    for (const name of await readdir(join(outDir, "onnx"))) {
      const { opsetImports, graph } = decodeModel(await readFile(join(outDir, "onnx", name)));
      expect(opsetImports, name).toEqual([{ domain: "", version: 21 }]);
      expect(new Set(graph.nodes.map(({ domain = "" }) => domain)), name).toEqual(new Set([""]));
    }
  });

  it("has weights above a limit in files beside the ONNX model, as transformers.js and ONNX Runtime find them", async () => {
    const outDir = join(folder, "model");
    const model = gptOf({ nEmbd: 64 });
    const whole = encodeOnnx(model, gpt2);
    const { files } = await exportModel({ model, tokenizer, outDir, quantize: ["q4"], externalDataAbove: 100_000 });
    // The form of 4 bits stays below the limit.
    expect((await readdir(join(outDir, "onnx"))).toSorted()).toEqual([
      "model.onnx",
      "model.onnx_data",
      "model_q4.onnx",
    ]);
    expect(await readJson("model", "config.json")).toMatchObject({
      "transformers.js_config": { use_external_data_format: { "model.onnx": 1 } },
    });
    const [small, data] = await Promise.all(["", "_data"].map((end) => stat(join(outDir, `onnx/model.onnx${end}`))));
    expect(small.size).toBeLessThan(50_000);
    expect(data.size).toBeGreaterThan(whole.length - 50_000);
    expect(files.find(({ path }) => path === "onnx/model.onnx_data")?.bytes).toBe(data.size);
    const path = join(outDir, "onnx/model.onnx");
    expect(Buffer.compare(encodeModel(await readOnnxModel(path)), whole)).toBe(0);
    const [one, two] = await Promise.all([openGenerator(path, { threads: 1 }), openGenerator(whole, { threads: 1 })]);
    const prompt = [[3, 1, 4]];
    expect(await one.generate(prompt, { maxTokens: 8 })).toEqual(await two.generate(prompt, { maxTokens: 8 }));
    await Promise.all([one.dispose(), two.dispose()]);
    // And it is an earlier model like any other.
    await exportModel({ model, tokenizer, outDir });
    expect(await readdir(join(outDir, "onnx"))).toEqual(["model.onnx"]);
    expect(await readJson("model", "config.json")).not.toHaveProperty("transformers.js_config");
  });

  it("takes the place of an earlier one, with nothing left over", async () => {
    const outDir = join(folder, "model");
    await exportModel({ model: gptOf(), tokenizer, outDir });
    await exportModel({ model: gptOf({ nLayer: 1 }), tokenizer, outDir, formats: ["onnx"] });
    expect(await readJson("model", "config.json")).toMatchObject({ n_layer: 1 });
    expect(existsSync(join(outDir, "model.safetensors"))).toBe(false);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("may be an empty folder before, and a link to one", async () => {
    await mkdir(join(folder, "empty"));
    await symlink("empty", join(folder, "link"));
    await exportModel({ model: gptOf(), tokenizer, outDir: join(folder, "link") });
    expect(await readdir(join(folder, "empty"))).toContain("config.json");
    expect((await readdir(folder)).toSorted()).toEqual(["empty", "link"]);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    [
      "a folder with other files",
      async () => {
        await mkdir(join(folder, "model"));
        await writeFile(join(folder, "model", "thesis.tex"), "");
      },
      /to be a new, empty or earlier model directory, got one with other files \(thesis.tex\); choose another/,
    ],
    [
      "an earlier model with other files among its own",
      async () => {
        await exportModel({ model: gptOf(), tokenizer, outDir: join(folder, "model") });
        await writeFile(join(folder, "model", "onnx", "notes.txt"), "");
      },
      /got one with other files \(onnx\/notes.txt\)/,
    ],
    [
      "somebody else's model",
      async () => {
        await mkdir(join(folder, "model"));
        await writeFile(join(folder, "model", "config.json"), '{"model_type":"gpt2"}');
      },
      /got a model that this program did not write/,
    ],
    ["a file", () => writeFile(join(folder, "model"), "text"), /got a file/],
  ])("does not take the place of %s", async (_, prepare, message) => {
    await prepare();
    const outDir = join(folder, "model");
    await expect(exportModel({ model: gptOf(), tokenizer, outDir })).rejects.toThrow(message);
    await expect(exportModel({ model: gptOf(), tokenizer, outDir })).rejects.toThrow(RangeError);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("is not the current directory, whatever it is called", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const outDir of ["", ".", folder, join(folder, "x", "..")]) {
        await expect(exportModel({ model: gptOf(), tokenizer, outDir })).rejects.toThrow(
          /^exportModel: expected the path of a directory of its own, got (an empty path|".*", the current directory)$/,
        );
      }
      await exportModel({ model: gptOf(), tokenizer, outDir: "model" });
    } finally {
      process.chdir(before);
    }
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("needs a tokenizer of the model's vocabulary, and a format", async () => {
    const outDir = join(folder, "model");
    const other = CharacterTokenizer.fromText("abc");
    await expect(exportModel({ model: gptOf(), tokenizer: other, outDir })).rejects.toThrow(
      "exportModel: expected a tokenizer of the model's 12 tokens, got one of 3",
    );
    await expect(exportModel({ model: gptOf(), tokenizer, outDir, formats: [] })).rejects.toThrow(
      /at least one format/,
    );
    await expect(
      exportModel({ model: gptOf(), tokenizer, outDir, formats: ["safetensors"], quantize: ["q4"] }),
    ).rejects.toThrow("exportModel: expected the format onnx or gguf to quantize, got safetensors");
    await expect(
      exportModel({ model: gptOf(), tokenizer, outDir, formats: ["safetensors"], portable: true }),
    ).rejects.toThrow("exportModel: expected the format onnx to be portable, got safetensors");
    expect(await readdir(folder)).toEqual([]);
  });
});
