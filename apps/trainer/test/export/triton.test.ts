import { readdirSync, readFileSync } from "node:fs";
import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import { decodeModel, type OnnxModel } from "@llm-learning/onnx";
import { openGenerator, openTokenGenerator } from "@llm-learning/onnx/node";
import { openRun, type Run, runPaths, train } from "@llm-learning/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inferenceModel } from "../../src/export/encodeOnnx.ts";
import { handOffOf } from "../../src/export/handOff.ts";
import { exportTriton } from "../../src/export/triton/exportTriton.ts";
import { tritonConfig } from "../../src/export/triton/tritonConfig.ts";
import { type TinyFolder, tinyConfig, tinyFolder } from "../tinyRun.ts";

let tiny: TinyFolder;
let run: Run;
beforeAll(async () => {
  tiny = tinyFolder();
  await train({ config: { ...tinyConfig(tiny.data), maxSteps: 4, sampleCount: 0 }, out: tiny.path("run") });
  run = await openRun(tiny.path("run"));
});
afterAll(() => tiny.remove());

describe("config.pbtxt", () => {
  it("of a GPT has its inputs and outputs without the batch, and no input that has a value in the file", () => {
    const gpt = new GPT({ vocabSize: 12, blockSize: 16, nLayer: 1, nHead: 2, nEmbd: 8 }, { rng: new Rng(1) });
    const text = tritonConfig(inferenceModel(gpt, { modelType: "gpt2" }), {
      name: "tiny",
      parameters: { context_length: "16", eos_token_id: "0" },
    });
    // By model_config.proto, from the table of inputs that transformers.js reads: -1 for each size that is open, heads of 4 numbers.
    expect(text).toBe(`name: "tiny"
platform: "onnxruntime_onnx"
max_batch_size: 32
input { name: "input_ids" data_type: TYPE_INT64 dims: [-1] }
input { name: "attention_mask" data_type: TYPE_INT64 dims: [-1] }
input { name: "position_ids" data_type: TYPE_INT64 dims: [-1] }
input { name: "past_key_values.0.key" data_type: TYPE_FP32 dims: [2, -1, 4] }
input { name: "past_key_values.0.value" data_type: TYPE_FP32 dims: [2, -1, 4] }
output { name: "logits" data_type: TYPE_FP32 dims: [-1, 12] }
output { name: "present.0.key" data_type: TYPE_FP32 dims: [2, -1, 4] }
output { name: "present.0.value" data_type: TYPE_FP32 dims: [2, -1, 4] }
dynamic_batching { }
instance_group { count: 1 kind: KIND_CPU }
parameters { key: "context_length" value { string_value: "16" } }
parameters { key: "eos_token_id" value { string_value: "0" } }
`);
  });

  const modelOf = (shape: readonly (number | string)[], dataType: "float32" | "float64"): OnnxModel => {
    const value = { dataType, shape };
    return {
      irVersion: 10,
      opsetImports: [{ domain: "", version: 21 }],
      producerName: "p",
      metadata: {},
      graph: {
        name: "g",
        nodes: [],
        inputs: [{ name: "x", ...value }],
        outputs: [{ name: "y", ...value }],
        initializers: [],
      },
    };
  };

  it("leaves all sizes to a model that has no batch", () => {
    expect(tritonConfig(modelOf(["length", 3], "float32"), { name: "m", parameters: {} })).toBe(`name: "m"
platform: "onnxruntime_onnx"
max_batch_size: 0
input { name: "x" data_type: TYPE_FP32 dims: [-1, 3] }
output { name: "y" data_type: TYPE_FP32 dims: [-1, 3] }
instance_group { count: 1 kind: KIND_CPU }
`);
  });

  it("is not made of types that no model here has outside", () => {
    expect(() => tritonConfig(modelOf(["batch_size"], "float64"), { name: "m", parameters: {} })).toThrow(
      'tritonConfig: expected input "x" of int32, int64, float32 and a known rank, got float64',
    );
  });
});

describe("a model for Triton", () => {
  it("is the exported one, under its directory's name, with a tokenizer for clients", async () => {
    const { files, step } = await exportTriton(run, tiny.path("models", "mow"));
    expect(files.map(({ path }) => path)).toEqual(["config.pbtxt", "config.json", "tokenizer.json", "1/model.onnx"]);
    expect(step).toBe(4);
    const [here, there] = [
      tiny.path("models", "mow", "1", "model.onnx"),
      `${runPaths(tiny.path("run")).model}/onnx/model.onnx`,
    ];
    expect(decodeModel(readFileSync(here)).graph).toEqual(decodeModel(readFileSync(there)).graph);
    const text = readFileSync(tiny.path("models", "mow", "config.pbtxt"), "utf8");
    expect(text).toContain('name: "mow"\n');
    expect(text).toContain('parameters { key: "context_length" value { string_value: "16" } }\n');
    expect(text).toContain('parameters { key: "step" value { string_value: "4" } }\n');
  });

  it("may be in fewer bits, and portable, and takes the place of an earlier one", async () => {
    const out = tiny.path("models", "mow");
    await exportTriton(run, out, { form: "q8", portable: true });
    expect(readdirSync(out).toSorted()).toEqual(["1", "config.json", "config.pbtxt", "tokenizer.json"]);
    const path = tiny.path("models", "mow", "1", "model.onnx");
    expect(decodeModel(readFileSync(path)).opsetImports.map(({ domain }) => domain)).toEqual([""]);
    const generator = await openGenerator(path, { threads: 1 });
    expect(await generator.generate([[1, 2]], { maxTokens: 2 })).toHaveLength(1);
    await generator.dispose();
  });

  it("may be without a cache", async () => {
    const config = { preset: "makemore-mlp", data: tiny.data, maxSteps: 1, sampleCount: 0, threads: 1, batchSize: 4 };
    await train({ config, out: tiny.path("mlp") });
    const out = tiny.path("models", "mlp");
    await exportTriton(await openRun(tiny.path("mlp")), out);
    const text = readFileSync(tiny.path("models", "mlp", "config.pbtxt"), "utf8");
    expect(text).toMatch(/max_batch_size: 32\ninput \{ name: "input_ids" data_type: TYPE_INT64 dims: \[3\] \}\noutput/);
    const generator = await openTokenGenerator(tiny.path("models", "mlp", "1", "model.onnx"), { threads: 1 });
    await generator.dispose();
  });

  it("is refused a name that is none, and the place of something else", async () => {
    await expect(exportTriton(run, tiny.path("a model"))).rejects.toThrow(
      /^expected --out to end in the model's name, .* got "a model"$/,
    );
    await expect(exportTriton(run, runPaths(tiny.path("run")).model)).rejects.toThrow(/one with other files/);
  });

  it("is one form, where --quantize names any", () => {
    const options = { quantize: [], portable: false };
    expect(handOffOf("triton", options)).toBeTypeOf("function");
    expect(handOffOf("triton", { quantize: ["q4"], portable: true })).toBeTypeOf("function");
    expect(() => handOffOf("triton", { quantize: ["q8", "q4"], portable: false })).toThrow(
      "expected --quantize of one form with --format triton, got q8,q4",
    );
    expect(() => handOffOf("triton,gguf", options)).toThrow("expected --format triton alone");
  });
});
