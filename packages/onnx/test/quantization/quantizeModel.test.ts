/**
 * Transformations of whole models, run by ONNX Runtime: a quantized model against the same model in float32 whose weights
 * are what the quantized ones stand for.
 */

import { Rng } from "@llm-learning/init";
import {
  add,
  constant,
  decodeFloat16,
  Embedding,
  encodeFloat16,
  Linear,
  matmul,
  mul,
  namedParameters,
  relu,
  type TensorValue,
  trace,
} from "@llm-learning/nn-core";
import {
  decodeModel,
  dequantizeBlocks,
  encodeModel,
  halfPrecision,
  lowerGraph,
  type OnnxModel,
  quantizeBlocks,
  quantizeDynamically,
  quantizeModel,
  type QuantizeModelOptions,
} from "@llm-learning/onnx";
import { createOrtSession, type OrtSessionOptions } from "@llm-learning/onnx/node";
import { describe, expect, test } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { normals } from "./draws.ts";

const V = 40;
const C = 64;
const H = 80;

/** A residual block between a tied embedding and logits: rows of any number, so products are MatMul by a transposed weight. */
class Net {
  readonly embedding = new Embedding(V, C, { rng: new Rng(1) });
  readonly up = new Linear(C, H, { rng: new Rng(2) });
  readonly down = new Linear(H, C, { rng: new Rng(3), bias: false });

  model(tokens: string | number = "tokens"): OnnxModel {
    const graph = trace({ ids: { shape: [tokens], dtype: "int64" } }, ({ ids }) => {
      const x = this.embedding.forward(ids);
      const y = add(x, this.down.forward(relu(this.up.forward(x))));
      return { logits: matmul(y, this.embedding.weight, { transposeB: true }) };
    });
    const parameterNames = new Map([...namedParameters(this)].map(([name, parameter]) => [parameter, name]));
    return lowerGraph(graph, { parameters: "initializers", parameterNames, contrib: false }).model;
  }
}

const ids: TensorValue = {
  dtype: "int64",
  shape: [V],
  data: BigInt64Array.from({ length: V }, (_, i) => BigInt((7 * i) % V)),
};

async function logitsOf(model: OnnxModel, options: OrtSessionOptions = {}): Promise<Float32Array> {
  const session = await createOrtSession(encodeModel(model), { threads: 1, strictShapes: true, ...options });
  const { logits } = await session.run({ ids });
  await session.dispose();
  return logits.data as Float32Array;
}

/** The model with other weights: each matrix that `change` gives something for. */
function withWeights(
  model: OnnxModel,
  change: (name: string, weight: Float32Array, shape: readonly number[]) => Float32Array,
) {
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.dataType !== "float32" || tensor.dims.length !== 2 || tensor.data === undefined) return tensor;
    const weight = new Float32Array(Uint8Array.from(tensor.data).buffer);
    return { ...tensor, data: new Uint8Array(change(tensor.name, weight, tensor.dims).slice().buffer) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

const operators = (model: OnnxModel): string[] => model.graph.nodes.map(({ opType }) => opType);
const relativeError = (actual: Float32Array, expected: Float32Array): number => {
  const squares = expected.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(actual.reduce((sum, value, i) => sum + (value - expected[i]) ** 2, 0) / squares);
};

const forms = [4, 8].flatMap((bits) =>
  [true, false].map((symmetric) => ({ bits: bits as 4 | 8, symmetric, blockSize: 32 })),
);

describe("quantizeModel", () => {
  test.each(forms)("computes with the weights that the blocks stand for: %o", async (form) => {
    const model = new Net().model();
    const quantized = quantizeModel(model, { ...form, accuracyLevel: 1, embeddings: true });
    const expected = withWeights(model, (_, weight, [N, K]) => dequantizeBlocks(quantizeBlocks(weight, [N, K], form)));
    // float32 sums of 80 products in another order.
    expect([...(await logitsOf(quantized))]).toBeAllclose([...(await logitsOf(expected))], { rtol: 1e-4, atol: 1e-4 });
    expect(operators(quantized).filter((name) => name === "MatMulNBits")).toHaveLength(3);
    expect(operators(quantized)).toContain("GatherBlockQuantized");
  });

  test.each(forms)("in the portable form computes the same, with standard operators only: %o", async (form) => {
    const model = new Net().model();
    const quantized = quantizeModel(model, { ...form, portable: true });
    expect(quantized.opsetImports).toEqual([{ domain: "", version: 21 }]);
    expect(quantized.graph.nodes.filter(({ domain = "" }) => domain !== "")).toEqual([]);
    const standard = await logitsOf(quantized, { optimization: "basic" });
    const exact = await logitsOf(quantizeModel(model, { ...form, accuracyLevel: 1 }));
    expect([...standard]).toBeAllclose([...exact], { rtol: 1e-4, atol: 1e-4 });
    // Further optimization makes MatMulNBits of products that stand alone, which rounds their input to int8.
    expect(relativeError(await logitsOf(quantized), exact)).toBeLessThan(0.01);
  });

  test("may have the input rounded to int8, which costs less than a hundredth", async () => {
    const model = new Net().model();
    const exact = await logitsOf(quantizeModel(model, { bits: 8, accuracyLevel: 1 }));
    const rounded = await logitsOf(quantizeModel(model, { bits: 8 }));
    expect(relativeError(rounded, exact)).toBeLessThan(0.01);
  });

  test("takes Gemm too, where the number of rows is fixed, and lets its bias stand alone", async () => {
    const model = new Net().model(V);
    expect(operators(model)).toContain("Gemm");
    const form = { bits: 8, blockSize: 16 } as const;
    const quantized = quantizeModel(model, { ...form, accuracyLevel: 1, embeddings: true });
    expect(operators(quantized)).not.toContain("Gemm");
    const expected = withWeights(model, (_, weight, [N, K]) => dequantizeBlocks(quantizeBlocks(weight, [N, K], form)));
    expect([...(await logitsOf(quantized))]).toBeAllclose([...(await logitsOf(expected))], { rtol: 1e-4, atol: 1e-4 });
  });

  test("stores a tied embedding once, and drops the float32 weights and their transposes", () => {
    const model = new Net().model();
    const { graph } = quantizeModel(model, { bits: 4, embeddings: true });
    const sizes = Object.fromEntries(graph.initializers.map(({ name, data }) => [name, data!.length]));
    expect(sizes).toEqual({
      "up.bias": 4 * H,
      "embedding.weight.levels": (V * C) / 2,
      "embedding.weight.scales": 4 * V * 2,
      "embedding.weight.levels/rows/shape": 16,
      "up.weight.levels": (H * C) / 2,
      "up.weight.scales": 4 * H * 2,
      // 80 weights in blocks of 32 fill two and a half: the third is stored whole.
      "down.weight.levels": (C * 96) / 2,
      "down.weight.scales": 4 * C * 3,
    });
    expect(operators({ ...model, graph })).not.toContain("Transpose");
  });

  test("has biases added by the operator itself, where rows are of any number or of a known one", () => {
    for (const tokens of ["tokens", V]) {
      const quantized = quantizeModel(new Net().model(tokens), { bits: 4 });
      const [up] = quantized.graph.nodes.filter(({ inputs }) => inputs.includes("up.weight.levels"));
      expect(up.inputs.slice(1)).toEqual(["up.weight.levels", "up.weight.scales", "", "", "up.bias"]);
      // What is left is the residual stream.
      expect(operators(quantized).filter((name) => name === "Add")).toHaveLength(1);
    }
  });

  test("leaves an addition where the product is read elsewhere too, or the bias is no vector", () => {
    const up = new Linear(C, H, { rng: new Rng(2), bias: false });
    const vector = new Float32Array(H);
    const graph = trace({ x: { shape: ["rows", C] } }, ({ x }) => {
      const [first, second] = [up.forward(x), up.forward(mul(x, 2))];
      return { first, biased: add(first, constant(vector, [H])), second: add(second, 1) };
    });
    const { model } = lowerGraph(graph, { parameters: "initializers", contrib: false });
    expect(operators(quantizeModel(model, { bits: 4 })).filter((name) => name === "Add")).toHaveLength(2);
  });

  test("of tables may take in those alone that are a layer's weight too", () => {
    const [tied, untied] = [new Net().embedding, new Embedding(V, C, { rng: new Rng(5) })];
    const graph = trace({ ids: { shape: ["tokens"], dtype: "int64" } }, ({ ids }) => {
      const x = add(tied.forward(ids), untied.forward(ids));
      return { logits: matmul(x, tied.weight, { transposeB: true }) };
    });
    const parameterNames = new Map([
      [tied.weight, "tied"],
      [untied.weight, "untied"],
    ]);
    const { model } = lowerGraph(graph, { parameters: "initializers", parameterNames, contrib: false });
    const { initializers } = quantizeModel(model, { bits: 4, embeddings: "tied" }).graph;
    const names = initializers.map(({ name }) => name).toSorted();
    expect(names).toEqual(["tied.levels", "tied.levels/rows/shape", "tied.scales", "untied"]);
  });

  test("keeps the embedding in float32 unless asked, and inputs and outputs always", () => {
    const model = new Net().model();
    const { graph } = quantizeModel(model);
    expect(graph.initializers.map(({ name }) => name)).toContain("embedding.weight");
    expect(graph.inputs).toEqual(model.graph.inputs);
    expect(graph.outputs).toEqual(model.graph.outputs);
  });

  test("does not change the model it is given, and gives the same bytes each time", () => {
    const model = new Net().model();
    const before = encodeModel(model);
    const first = encodeModel(quantizeModel(model));
    expect(encodeModel(quantizeModel(decodeModel(before)))).toEqual(first);
    expect(encodeModel(model)).toEqual(before);
  });

  test("leaves products alone that are not a layer's", () => {
    const graph = trace({ a: { shape: ["n", 16] }, b: { shape: [16, 16] } }, ({ a, b }) => ({
      ab: matmul(a, b),
      // The constant is the left operand here.
      ca: matmul(constant(normals(1, 256), [16, 16]), b),
    }));
    const { model } = lowerGraph(graph, { parameters: "initializers", contrib: false });
    expect(quantizeModel(model)).toEqual(model);
    expect(quantizeDynamically(model)).toEqual(model);
  });

  test("leaves a Gemm that scales, and an initializer that is also an input", () => {
    const weight = { name: "w", dims: [16, 16], dataType: "float32", data: new Uint8Array(1024) } as const;
    const base = new Net().model();
    const x = { name: "x", dataType: "float32", shape: ["n", 16] } as const;
    const graph = {
      name: "g",
      nodes: [
        {
          opType: "Gemm",
          inputs: ["x", "w"],
          outputs: ["y"],
          attributes: { alpha: { type: "float", value: 0.5 } as const },
        },
      ],
      inputs: [x],
      outputs: [{ ...x, name: "y" }],
      initializers: [weight],
    };
    expect(quantizeModel({ ...base, graph }).graph).toEqual(graph);
    const replaceable = { ...graph, nodes: [{ ...graph.nodes[0], attributes: {} }] };
    expect(operators(quantizeModel({ ...base, graph: replaceable }))).toEqual(["MatMulNBits"]);
    const input = { name: "w", dataType: "float32", shape: [16, 16] } as const;
    expect(operators(quantizeModel({ ...base, graph: { ...replaceable, inputs: [x, input] } }))).toEqual(["Gemm"]);
  });

  test("keeps what subgraphs read", () => {
    const { graph, ...rest } = new Net().model();
    const branch = {
      name: "branch",
      nodes: [{ opType: "Identity", inputs: ["up.weight"], outputs: ["copy"], attributes: {} }],
      inputs: [],
      outputs: [{ name: "copy", dataType: "float32", shape: [H, C] } as const],
      initializers: [],
    };
    const choice = {
      opType: "If",
      inputs: ["flag"],
      outputs: ["weight"],
      attributes: {
        then_branch: { type: "graph", value: branch } as const,
        else_branch: { type: "graph", value: branch } as const,
      },
    };
    const model = {
      ...rest,
      graph: {
        ...graph,
        nodes: [...graph.nodes, choice],
        inputs: [...graph.inputs, { name: "flag", dataType: "bool", shape: [] } as const],
        outputs: [...graph.outputs, { name: "weight", dataType: "float32", shape: [H, C] } as const],
      },
    };
    expect(quantizeModel(model).graph.initializers.map(({ name }) => name)).toContain("up.weight");
  });

  test.each<[string, (model: OnnxModel) => OnnxModel, QuantizeModelOptions, string]>([
    [
      "external data",
      ({ graph, ...rest }) => ({
        ...rest,
        graph: {
          ...graph,
          initializers: graph.initializers.map(({ data: _, ...tensor }) => ({
            ...tensor,
            dataType: "float32",
            external: { location: "weights" },
          })),
        } as OnnxModel["graph"],
      }),
      {},
      'quantizeModel: expected weights inside the model, got external data for "up.weight"; read it in first',
    ],
    [
      "weights that are not finite",
      (model) => withWeights(model, (_, weight) => weight.fill(Number.NaN)),
      {},
      "quantizeBlocks: expected finite weights, got NaN at [0, 0]: did the training diverge?",
    ],
    [
      "an older opset in the portable form",
      (model) => ({ ...model, opsetImports: [{ domain: "", version: 20 }] }),
      { portable: true },
      "quantizeModel: expected a model of opset 21 or more (it brought blocks to DequantizeLinear), got 20",
    ],
    [
      "tables in the portable form",
      (model) => model,
      { portable: true, embeddings: true },
      "quantizeModel: expected embeddings to be false where portable is true, got both",
    ],
    [
      "an unknown accuracy level",
      (model) => model,
      { accuracyLevel: 3 as 4 },
      "quantizeModel: expected accuracyLevel to be 0, 1 or 4, got 3",
    ],
    ["an unknown width", (model) => model, { bits: 2 as 4 }, "quantizeBlocks: expected bits to be 4 or 8, got 2"],
  ])("refuses %s", (_, change, options, message) => {
    expect(() => quantizeModel(change(new Net().model()), options)).toThrow(new RangeError(message));
  });
});

describe("quantizeDynamically", () => {
  test("computes as in float32 within what 7 and 8 bits can tell apart", async () => {
    const model = new Net().model();
    const quantized = quantizeDynamically(model);
    expect(quantized.opsetImports).toEqual(model.opsetImports);
    expect(operators(quantized).filter((name) => name === "MatMulInteger")).toHaveLength(3);
    expect(relativeError(await logitsOf(quantized), await logitsOf(model))).toBeLessThan(0.02);
  });

  test("computes what its formula says", async () => {
    // Weights of -63 to 63 steps and an input of 0 to 255 steps are exact.
    const K = 8;
    const weight = Float32Array.from({ length: 4 * K }, (_, i) => (i % K === 0 ? 63 : ((i * 37) % 127) - 63) / 64);
    const graph = trace({ x: { shape: ["n", K] } }, ({ x }) => ({
      y: matmul(x, constant(weight, [4, K]), { transposeB: true }),
    }));
    const { model } = lowerGraph(graph, { parameters: "initializers", contrib: false });
    const x = Float32Array.from({ length: 2 * K }, (_, i) => (i === 0 ? 0 : i === 1 ? 255 : (i * 41) % 256) / 32);
    const session = await createOrtSession(encodeModel(quantizeDynamically(model)), { threads: 1 });
    const { y } = await session.run({ x: { dtype: "float32", shape: [2, K], data: x } });
    await session.dispose();
    const expected = Array.from({ length: 8 }, (_, i) => {
      const [row, n] = [Math.floor(i / 4), i % 4];
      return Array.from({ length: K }, (_, k) => x[row * K + k] * weight[n * K + k]).reduce((a, b) => a + b);
    });
    // The scales 1/32 and 1/64 are found by float32 division.
    expect([...(y.data as Float32Array)]).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 });
  });

  test.each([
    [true, 63],
    [false, 127],
  ])("with reduceRange %s has weights of up to %d steps", (reduceRange, steps) => {
    const { graph } = quantizeDynamically(new Net().model(), { reduceRange });
    const levels = graph.initializers.filter(({ dataType }) => dataType === "int8");
    expect(levels).toHaveLength(3);
    for (const { data } of levels) {
      expect(Math.max(...new Int8Array(Uint8Array.from(data!).buffer).map(Math.abs))).toBe(steps);
    }
  });

  test("refuses weights that are not finite, and an opset without the operators", () => {
    const model = new Net().model();
    expect(() => quantizeDynamically(withWeights(model, (_, weight) => weight.fill(Infinity)))).toThrow(
      'quantizeDynamically: expected finite weights, got Infinity in "up.weight", output 0: did the training diverge?',
    );
    expect(() => quantizeDynamically({ ...model, opsetImports: [{ domain: "", version: 10 }] })).toThrow(
      "quantizeDynamically: expected a model of opset 11 or more (it brought DynamicQuantizeLinear), got 10",
    );
  });
});

describe("halfPrecision", () => {
  const rounded = (weight: Float32Array) => decodeFloat16(encodeFloat16(weight));

  test("computes in float32 with the weights rounded to halves", async () => {
    const model = new Net().model();
    const half = halfPrecision(model);
    const expected = withWeights(model, (_, weight) => rounded(weight));
    expect([...(await logitsOf(half))]).toEqual([...(await logitsOf(expected))]);
    expect(encodeModel(half).length).toBeLessThan(0.55 * encodeModel(model).length);
  });

  test("after quantization has the embedding left to do, and leaves the scales", async () => {
    const model = quantizeModel(new Net().model(), { bits: 4 });
    const { graph } = halfPrecision(model);
    expect(graph.initializers.filter(({ dataType }) => dataType === "float16").map(({ name }) => name)).toEqual([
      "embedding.weight.float16",
    ]);
    expect(relativeError(await logitsOf({ ...model, graph }), await logitsOf(model))).toBeLessThan(1e-2);
  });

  test("leaves a matrix in float32 that halves cannot hold", () => {
    const model = withWeights(new Net().model(), (name, weight) => (name === "up.weight" ? weight.fill(1e5) : weight));
    const names = halfPrecision(model).graph.initializers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["up.weight", "down.weight.float16", "embedding.weight.float16"]));
  });

  test("refuses external data", () => {
    const { graph, ...rest } = new Net().model();
    const initializers = graph.initializers.map(({ name, dims }) => ({
      name,
      dims,
      dataType: "float32" as const,
      external: { location: "weights" },
    }));
    expect(() => halfPrecision({ ...rest, graph: { ...graph, initializers } })).toThrow(
      /^halfPrecision: expected weights inside the model, got external data for ".*weight"; read it in first$/,
    );
  });
});
