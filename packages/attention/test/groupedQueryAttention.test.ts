import { readFileSync } from "node:fs";
import {
  GroupedQueryAttention,
  type GroupedQueryAttentionOptions,
  type GroupedQueryContext,
  MultiHeadAttention,
  rotaryFrequencies,
  rotationAt,
} from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  loadStateDict,
  mul,
  namedParameters,
  Parameter,
  referenceEngine,
  rmsNorm,
  sum,
  taps,
  type Tensor,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface LayerCase {
  name: string;
  shape: [number, number, number];
  options: Partial<GroupedQueryAttentionOptions> & { numHeads: number };
  theta: number;
  positions: number[][];
  weights: Record<string, { shape: number[]; data: number[] }>;
  x: number[];
  cotangent: number[];
  output: number[];
  gradients: Record<string, number[]>;
}

const path = new URL("fixtures/groupedQueryAttention.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: LayerCase[] };

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

/** RMSNorm, from outside as in a model. */
class Norm {
  readonly weight: Parameter;

  constructor(size: number) {
    this.weight = new Parameter([size], { init: (data) => data.fill(1) });
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, { eps: 1e-6 });
  }
}

function layerOf({ shape: [, , C], options, weights }: LayerCase): GroupedQueryAttention {
  const headDim = options.headDim ?? C / options.numHeads;
  const norms = "queryNorm.weight" in weights && { queryNorm: new Norm(headDim), keyNorm: new Norm(headDim) };
  const layer = new GroupedQueryAttention(C, { rng: new Rng(0), causal: true, ...options, ...norms });
  const values = Object.entries(weights).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  loadStateDict(layer, new Map(values));
  return layer;
}

function graphOfCase(one: LayerCase): Graph {
  const layer = layerOf(one);
  const [B, T] = one.shape;
  const x = input("x", one.shape);
  const frequencies = rotaryFrequencies(layer.headDim, { theta: one.theta });
  const rotation = rotationAt(input("positions", [B, T], "int64"), frequencies);
  const { output } = layer.forward(x, { rotation });
  const parameters = [...namedParameters(layer)];
  const gradients = grad(sum(mul(output, input("cotangent", output.shape))), [
    x,
    ...parameters.map(([, parameter]) => parameter),
  ]);
  const names = ["x", ...parameters.map(([name]) => name)];
  return graphOf({ output, ...Object.fromEntries(names.map((name, index) => [name, gradients[index]])) });
}

describe("GroupedQueryAttention computes what the layers of transformers compute, gradients included", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const graph = graphOfCase(one);
    const feeds = {
      x: Float32Array.from(one.x),
      cotangent: Float32Array.from(one.cotangent),
      positions: BigInt64Array.from(one.positions.flat(), BigInt),
    };
    const double = evaluateFloat64(graph, feeds);
    const single = await (await referenceEngine().compile(graph)).run(feeds);
    expect([...graph.outputs.keys()].toSorted()).toEqual(["output", ...Object.keys(one.gradients)].toSorted());
    for (const [name, expected] of Object.entries({ output: one.output, ...one.gradients })) {
      // transformers turns by float32 angles up to 12, and takes norms and some softmaxes in float32: some 1e-7 each.
      expect(double[name].data, name).toBeAllclose(expected, { atol: 3e-6 * largest(expected) });
      expect(single[name].data, name).toBeAllclose(expected, { atol: 5e-6 * largest(expected) });
    }
  });
});

const [B, T, C] = [2, 5, 8];
const create = (options: Partial<GroupedQueryAttentionOptions> = {}): GroupedQueryAttention =>
  new GroupedQueryAttention(C, { rng: new Rng(1), numHeads: 4, numKeyValueHeads: 2, ...options });

function draw(count: number, seed: number): Float64Array {
  const rng = new Rng(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
}

/** The tensors of a forward pass by name. */
function named({ output, present, probabilities }: ReturnType<GroupedQueryAttention["forward"]>) {
  return { output, probabilities, key: present.key, value: present.value };
}

describe("a GroupedQueryAttention with a cache", () => {
  it.each<[string, Partial<GroupedQueryAttentionOptions>]>([
    ["causal", { causal: true }],
    [
      "with a window, norms, sinks and a soft cap",
      { causal: true, window: 3, queryNorm: new Norm(2), keyNorm: new Norm(2), sinks: true, softCap: 2 },
    ],
  ])("given tokens one by one computes what it computes from all at once: %s", (_, options) => {
    const layer = create(options);
    const frequencies = rotaryFrequencies(2);
    const positions = (length: number): Tensor => input("positions", [B, length], "int32");
    const x = draw(B * T * C, 2);
    const row = [0, 1, 2, 3, 4];
    const whole = evaluateFloat64(
      graphOf(named(layer.forward(input("x", [B, T, C]), { rotation: rotationAt(positions(T), frequencies) }))),
      { x, positions: Int32Array.from([...row, ...row]) },
    ).output.data;
    const shape = [B, 2, "past", 2] as const;
    const step = graphOf(
      named(
        layer.forward(input("x", [B, 1, C]), {
          past: { key: input("key", shape), value: input("value", shape) },
          totalLength: "total",
          rotation: rotationAt(positions(1), frequencies),
        }),
      ),
    );
    const none = { shape: [B, 2, 0, 2], data: new Float64Array() };
    let past: Record<"key" | "value", { shape: readonly number[]; data: Float64Array }> = { key: none, value: none };
    for (let t = 0; t < T; t++) {
      const token = [0, 1].flatMap((b) => [...x.subarray((b * T + t) * C, (b * T + t + 1) * C)]);
      const feeds = { x: Float64Array.from(token), positions: Int32Array.of(t, t), ...past };
      const { output, key, value } = evaluateFloat64(step, feeds);
      for (let b = 0; b < B; b++) {
        const expected = whole.subarray((b * T + t) * C, (b * T + t + 1) * C);
        expect(output.data.subarray(b * C, (b + 1) * C)).toBeAllclose(expected, { atol: 1e-14 });
      }
      past = { key, value };
    }
  });
});

describe("a layer with a chunk", () => {
  it.each<[string, Partial<GroupedQueryAttentionOptions>]>([
    ["causal, with a window and dropout", { causal: true, window: 2, dropout: 0.5 }],
    ["to all sides", {}],
  ])("hears and learns what it hears and learns without one: %s", (_, options) => {
    const evaluate = (chunk?: number): Record<string, Float64Array> => {
      const layer = create({ ...options, ...(chunk !== undefined && { chunk }) });
      const training = new Training();
      const x = input("x", [B, T, C]);
      const { output } = layer.forward(x, { training });
      const [byX, byKey] = grad(sum(mul(output, output)), [x, layer.key.weight]);
      const feeds = training.isRandom ? training.draw(new Rng(4)) : {};
      const results = evaluateFloat64(graphOf({ output, byX, byKey }), { x: draw(B * T * C, 3), ...feeds });
      return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
    };
    const whole = evaluate();
    for (const [name, data] of Object.entries(evaluate(2))) {
      expect(data, name).toBeAllclose(whole[name], { atol: 1e-13 });
    }
  });

  it("of no tokens is refused", () => {
    expect(() => create({ chunk: 0 }).forward(input("x", [B, T, C]))).toThrow(
      new RangeError("scaledDotProductAttention: expected a chunk that is an integer >= 1, got 0"),
    );
  });
});

describe("cross attention", () => {
  const S = 3;
  const M = 6;
  const layer = create({ memoryDim: M });
  const x = input("x", [B, T, C]);
  const memory = input("memory", [B, S, M]);

  it("hears another sequence, of another length and width", () => {
    const { output, present, probabilities } = layer.forward(x, { memory });
    expect(output.shape).toEqual([B, T, C]);
    expect(present.key.shape).toEqual([B, 2, S, 2]);
    expect(probabilities.shape).toEqual([B, 4, T, S]);
    const feeds = { x: draw(B * T * C, 3), memory: draw(B * S * M, 4) };
    const rows = evaluateFloat64(graphOf({ probabilities }), feeds).probabilities.data;
    for (let row = 0; row < rows.length; row += S) {
      expect(rows.slice(row, row + S).reduce((total, p) => total + p, 0)).toBeCloseTo(1, 14);
    }
    // Only the layer's own projections stand between the two sequences and what is heard.
    const values = layer.value.forward(memory);
    expect(values.shape).toEqual([B, S, 4]);
  });

  it("hears it again from the cache of the first pass", () => {
    const first = layer.forward(x, { memory });
    const again = layer.forward(x, {
      memory: { key: input("key", [B, 2, S, 2]), value: input("value", [B, 2, S, 2]) },
    });
    const given = { x: draw(B * T * C, 3), memory: draw(B * S * M, 4) };
    const { output, key, value } = evaluateFloat64(graphOf(named(first)), given);
    const feeds = {
      x: given.x,
      key: { shape: key.shape, data: key.data },
      value: { shape: value.shape, data: value.data },
    };
    const result = evaluateFloat64(graphOf({ output: again.output }), feeds);
    expect(result.output.data).toEqual(output.data);
  });

  it("refuses what speaks of positions in the tokens themselves", () => {
    const rotation = rotationAt(input("positions", [T], "int32"), rotaryFrequencies(2));
    const past = { key: input("key", [B, 2, S, 2]), value: input("value", [B, 2, S, 2]) };
    const refuses = (attention: GroupedQueryAttention, context: GroupedQueryContext, got: string): void => {
      expect(() => attention.forward(x, { memory, ...context })).toThrow(
        new Error(
          `GroupedQueryAttention.forward: expected neither causal, window, past nor rotation beside memory, whose positions are ` +
            `its own, got ${got}`,
        ),
      );
    };
    refuses(create({ memoryDim: M, causal: true, window: 2 }), {}, "causal: true, window");
    refuses(layer, { rotation, past }, "past, rotation");
    expect(() => layer.forward(x, { memory: input("memory", [S, M]) })).toThrow(
      new RangeError("GroupedQueryAttention.forward: expected memory [B, S, memoryDim], got [3, 6]"),
    );
  });
});

describe("a new GroupedQueryAttention", () => {
  it("has projections of its own for queries, keys and values, and what it was given", () => {
    const layer = create({ headDim: 3, sinks: true, queryNorm: new Norm(3), keyNorm: new Norm(3), qkvBias: true });
    expect([...namedParameters(layer)].map(([name, { shape }]) => [name, shape])).toEqual([
      ["query.weight", [12, 8]],
      ["query.bias", [12]],
      ["key.weight", [6, 8]],
      ["key.bias", [6]],
      ["value.weight", [6, 8]],
      ["value.bias", [6]],
      ["output.weight", [8, 12]],
      ["queryNorm.weight", [3]],
      ["keyNorm.weight", [3]],
      ["sinks", [4]],
    ]);
    expect(layer.scale).toBe(1 / Math.sqrt(3));
    expect([...layer.sinks!.data]).toEqual([0, 0, 0, 0]);
    expect([...namedParameters(create()).keys()]).toEqual([
      "query.weight",
      "key.weight",
      "value.weight",
      "output.weight",
    ]);
  });

  it("starts as the given initializers say", () => {
    const fill = (value: number) => (data: Float32Array) => data.fill(value);
    const options = { qkvBias: true, outputBias: true, weightInit: fill(1), biasInit: fill(2), outputInit: fill(3) };
    const layer = create(options);
    expect([...namedParameters(layer)].map(([name, { data }]) => [name, data[0]])).toEqual([
      ["query.weight", 1],
      ["query.bias", 2],
      ["key.weight", 1],
      ["key.bias", 2],
      ["value.weight", 1],
      ["value.bias", 2],
      ["output.weight", 3],
      ["output.bias", 2],
    ]);
  });

  it("with as many heads of keys as of queries is multi-head attention", () => {
    const fused = new MultiHeadAttention(C, {
      rng: new Rng(3),
      numHeads: 4,
      causal: true,
      qkvBias: false,
      outputBias: false,
    });
    const apart = create({ numKeyValueHeads: 4, causal: true });
    const rows = fused.qkv.weight.data;
    [apart.query, apart.key, apart.value].forEach(({ weight }, index) =>
      weight.data.set(rows.subarray(index * C * C, (index + 1) * C * C)),
    );
    apart.output.weight.data.set(fused.output!.weight.data);
    const x = input("x", [B, T, C]);
    const bias = input("bias", [4, T, T]);
    const rotation = rotationAt(input("positions", [T], "int32"), rotaryFrequencies(2));
    const graph = graphOf({
      fused: fused.forward(x, { bias, rotation }).output,
      apart: apart.forward(x, { bias, rotation }).output,
    });
    const feeds = { x: draw(B * T * C, 2), bias: draw(4 * T * T, 3), positions: Int32Array.of(0, 1, 2, 3, 4) };
    const result = evaluateFloat64(graph, feeds);
    expect(result.apart.data).toBeAllclose(result.fused.data, { atol: 1e-15 });
  });

  it.each<[Partial<GroupedQueryAttentionOptions>, string]>([
    [
      { numHeads: 4, numKeyValueHeads: 3 },
      "expected numHeads to be a multiple of numKeyValueHeads, both integers >= 1, got 4 and 3",
    ],
    [{ numHeads: 0 }, "expected numHeads to be a multiple of numKeyValueHeads, both integers >= 1, got 0 and 2"],
    [
      { numHeads: 3, numKeyValueHeads: 1 },
      "expected headDim to be an integer >= 1, got 2.6666666666666665 (embedDim 8, numHeads 3); " +
        "give headDim where numHeads does not divide embedDim",
    ],
  ])("refuses heads that do not fit: %#", (options, message) => {
    expect(() => create(options)).toThrow(new RangeError(`GroupedQueryAttention: ${message}`));
  });

  it("names queries, keys and probabilities, and draws dropout in training alone", () => {
    const layer = create({ dropout: 0.5 });
    const x = input("x", [B, T, C]);
    const { output, probabilities } = layer.forward(x, { name: "attention", training: new Training() });
    expect([...taps([output]).values()].map(({ name, value }) => [name, value.shape])).toEqual([
      ["attention.query", [B, 4, T, 2]],
      ["attention.key", [B, 2, T, 2]],
      ["attention.probabilities", [B, 4, T, T]],
    ]);
    expect(taps([output]).get("attention.probabilities")?.value).toBe(probabilities);
    expect([...graphOf({ output }).inputs.keys()]).toEqual(["x", "random.0"]);
    expect([...graphOf({ output: layer.forward(x).output }).inputs.keys()]).toEqual(["x"]);
    expect(() => layer.forward(input("x", [T, C]))).toThrow(
      new RangeError("GroupedQueryAttention.forward: expected x [B, T, embedDim], got [5, 8]"),
    );
  });
});
