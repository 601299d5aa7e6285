import { readFileSync } from "node:fs";
import { MultiHeadAttention } from "@llm-learning/attention";
import { Rng } from "@llm-learning/init";
import {
  add,
  cast,
  evaluateFloat64,
  grad,
  type Graph,
  graphOf,
  input,
  loadStateDict,
  mul,
  namedParameters,
  parameterCount,
  referenceEngine,
  reshape,
  sum,
  taps,
  Training,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface AttentionCase {
  name: string;
  shape: [number, number, number];
  numHeads: number;
  bias: boolean;
  causal: boolean;
  /** `[B, T]`, 1 for tokens that may be attended. */
  visible: number[] | null;
  weights: Record<string, { shape: number[]; data: number[] }>;
  x: number[];
  cotangent: number[];
  probabilitiesCotangent: number[];
  output: number[];
  probabilities: number[];
  gradients: Record<string, number[]>;
}

const path = new URL("fixtures/multiHeadAttention.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: AttentionCase[] };

function graphOfCase(one: AttentionCase): Graph {
  const [B, T, C] = one.shape;
  const { numHeads, bias, causal } = one;
  const layer = new MultiHeadAttention(C, { rng: new Rng(0), numHeads, causal, qkvBias: bias, outputBias: bias });
  const weights = Object.entries(one.weights).map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  loadStateDict(layer, new Map(weights));

  const x = input("x", one.shape);
  const visible = one.visible === null ? undefined : input("visible", [B, T], "int32");
  const mask = visible && reshape(cast(visible, "bool"), [B, 1, 1, T]);
  const { output, probabilities } = layer.forward(x, { mask });
  const loss = add(
    sum(mul(output, input("cotangent", output.shape))),
    sum(mul(probabilities, input("probabilitiesCotangent", probabilities.shape))),
  );
  const parameters = [...namedParameters(layer)];
  const gradients = grad(loss, [x, ...parameters.map(([, parameter]) => parameter)]);
  const names = ["x", ...parameters.map(([name]) => name)];
  const named = Object.fromEntries(names.map((name, index) => [name, gradients[index]]));
  return graphOf({ output, probabilities, ...named });
}

function feedsOf({ x, cotangent, probabilitiesCotangent, visible }: AttentionCase) {
  const feeds = {
    x: Float32Array.from(x),
    cotangent: Float32Array.from(cotangent),
    probabilitiesCotangent: Float32Array.from(probabilitiesCotangent),
  };
  return visible === null ? feeds : { ...feeds, visible: Int32Array.from(visible) };
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe("MultiHeadAttention computes what torch.nn.MultiheadAttention computes, gradients included", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const graph = graphOfCase(one);
    const double = evaluateFloat64(graph, feedsOf(one));
    const single = await (await referenceEngine().compile(graph)).run(feedsOf(one));
    const { output, probabilities, gradients } = one;
    for (const [name, expected] of Object.entries({ output, probabilities, ...gradients })) {
      // The fixture has 9 digits.
      expect(double[name].data, name).toBeAllclose(expected, { atol: 1e-8 * largest(expected) });
      // Roundings of 6e-8 each, through the products of weights of size 1 and a softmax.
      expect(single[name].data, name).toBeAllclose(expected, { atol: 2e-6 * largest(expected) });
    }
  });
});

describe("a causal MultiHeadAttention", () => {
  const B = 2;
  const T = 6;
  const C = 8;
  const layer = new MultiHeadAttention(C, { rng: new Rng(1), numHeads: 2, causal: true });
  const graph = graphOf(pick(layer.forward(input("x", [B, T, C]))));
  const draw = (seed: number): Float64Array => {
    const rng = new Rng(seed);
    return Float64Array.from({ length: B * T * C }, () => rng.normal());
  };

  it.each([1, 3, 5])("gives outputs before token %i that do not change by a bit when that token changes", (changed) => {
    const x = draw(1);
    const other = x.slice();
    const noise = draw(2);
    for (let b = 0; b < B; b++) {
      const token = (b * T + changed) * C;
      other.set(noise.subarray(token, token + C), token);
    }
    const before = evaluateFloat64(graph, { x }).output.data;
    const after = evaluateFloat64(graph, { x: other }).output.data;
    for (let b = 0; b < B; b++) {
      for (let t = 0; t < T; t++) {
        const row = [(b * T + t) * C, (b * T + t + 1) * C] as const;
        const isSame = before.slice(...row).every((value, i) => value === after[row[0] + i]);
        expect(isSame, `token ${t}`).toBe(t < changed);
      }
    }
  });

  it("gives every query probabilities that add up to 1 over itself and earlier tokens, and 0 after", () => {
    const { shape, data } = evaluateFloat64(graph, { x: draw(3) }).probabilities;
    expect(shape).toEqual([B, 2, T, T]);
    for (let row = 0; row < data.length / T; row++) {
      const query = row % T;
      const probabilities = data.slice(row * T, (row + 1) * T);
      expect(probabilities.subarray(query + 1).every((p) => p === 0)).toBe(true);
      expect(probabilities.subarray(0, query + 1).every((p) => p > 0)).toBe(true);
      expect(probabilities.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 14);
    }
  });

  it("given tokens one by one with the cache of those before, computes what it computes from all at once", () => {
    const x = draw(4);
    const whole = evaluateFloat64(graph, { x }).output.data;
    const step = graphOf(
      pick(
        layer.forward(input("x", [B, 1, C]), {
          past: { key: input("key", [B, 2, "past", C / 2]), value: input("value", [B, 2, "past", C / 2]) },
          totalLength: "total",
        }),
      ),
    );
    const none = { shape: [B, 2, 0, C / 2], data: new Float64Array() };
    let past: Record<"key" | "value", { shape: readonly number[]; data: Float64Array }> = { key: none, value: none };
    for (let t = 0; t < T; t++) {
      const token = new Float64Array(B * C);
      for (let b = 0; b < B; b++) token.set(x.subarray((b * T + t) * C, (b * T + t + 1) * C), b * C);
      const { output, key, value } = evaluateFloat64(step, { x: token, ...past });
      expect(key.shape).toEqual([B, 2, t + 1, C / 2]);
      for (let b = 0; b < B; b++) {
        const expected = whole.subarray((b * T + t) * C, (b * T + t + 1) * C);
        expect(output.data.subarray(b * C, (b + 1) * C)).toBeAllclose(expected, { atol: 1e-14 });
      }
      past = { key, value };
    }
  });
});

/** The tensors of a forward pass by name. */
function pick({ output, present, probabilities }: ReturnType<MultiHeadAttention["forward"]>) {
  return { output, probabilities, key: present.key, value: present.value };
}

describe("a new MultiHeadAttention", () => {
  it("has one projection of queries, keys and values, and one of outputs", () => {
    const layer = new MultiHeadAttention(6, { rng: new Rng(1), numHeads: 2 });
    expect([...namedParameters(layer)].map(([name, { shape }]) => [name, shape])).toEqual([
      ["qkv.weight", [18, 6]],
      ["qkv.bias", [18]],
      ["output.weight", [6, 6]],
      ["output.bias", [6]],
    ]);
    expect(layer.headDim).toBe(3);
    expect(layer.causal).toBe(false);
  });

  it("leaves out the biases it is told to leave out", () => {
    const names = (options: { qkvBias?: boolean; outputBias?: boolean }): string[] => [
      ...namedParameters(new MultiHeadAttention(4, { rng: new Rng(1), numHeads: 2, ...options })).keys(),
    ];
    expect(names({ qkvBias: false })).toEqual(["qkv.weight", "output.weight", "output.bias"]);
    expect(names({ outputBias: false })).toEqual(["qkv.weight", "qkv.bias", "output.weight"]);
  });

  it("starts as the given initializers say, the output projection as its own where there is one", () => {
    const fill = (value: number) => (data: Float32Array) => data.fill(value);
    const filled = (options: { outputInit?: (data: Float32Array) => Float32Array }): number[] => {
      const layer = new MultiHeadAttention(4, {
        rng: new Rng(1),
        numHeads: 2,
        weightInit: fill(1),
        biasInit: fill(2),
        ...options,
      });
      return [...namedParameters(layer).values()].flatMap(({ data }) => [...new Set(data)]);
    };
    expect(filled({})).toEqual([1, 2, 1, 2]);
    expect(filled({ outputInit: fill(3) })).toEqual([1, 2, 3, 2]);
  });

  it.each([
    [6, 4],
    [6, 0],
    [6, -2],
    [6, Number.NaN],
    [6, 1.5],
  ])("of width %d refuses %d heads", (embedDim, numHeads) => {
    expect(() => new MultiHeadAttention(embedDim, { rng: new Rng(1), numHeads })).toThrow(
      new RangeError(`MultiHeadAttention: expected numHeads that divides embedDim, got ${numHeads} for ${embedDim}`),
    );
  });

  it("refuses an input of another width and a mask that does not broadcast", () => {
    const layer = new MultiHeadAttention(6, { rng: new Rng(1), numHeads: 2 });
    expect(() => layer.forward(input("x", [2, 3, 5]))).toThrow(
      /linear: expected .+, got \[2, 3, 5\], \[18, 6\], \[18\]/,
    );
    expect(() => layer.forward(input("x", [6, 6]))).toThrow(
      new RangeError("MultiHeadAttention.forward: expected x [B, T, C], got [6, 6]"),
    );
    expect(() => layer.forward(input("x", [2, 3, 6]), { mask: input("mask", [2, 1, 1, 4], "bool") })).toThrow(
      /scaledDotProductAttention: expected .+got \[2, 1, 1, 4\] and \[2, 2, 3, 3\]/,
    );
    expect(() => layer.forward(input("x", [2, 3, 6]), { mask: input("mask", [3, 3]) })).toThrow(
      new RangeError(
        "scaledDotProductAttention: expected a bool mask that broadcasts to [2, 2, 3, 3], got float32 [3, 3]",
      ),
    );
  });
});

describe("dropout of attention", () => {
  const layer = new MultiHeadAttention(4, { rng: new Rng(1), numHeads: 2, dropout: 0.5 });

  it("draws one mask for all probabilities in training and none otherwise", () => {
    const training = new Training();
    const trained = graphOf({ y: layer.forward(input("x", [2, 3, 4]), { training }).output });
    expect([...trained.inputs].map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
      ["x", [2, 3, 4], "float32"],
      ["random.0", [2, 2, 3, 3], "bool"],
    ]);
    const used = graphOf({ y: layer.forward(input("x", [2, 3, 4])).output });
    expect([...used.inputs.keys()]).toEqual(["x"]);
  });

  it("with every probability dropped leaves the output projection's bias alone", () => {
    const graph = graphOf({ y: layer.forward(input("x", [1, 3, 4]), { training: new Training() }).output });
    const rng = new Rng(2);
    const x = Float32Array.from({ length: 12 }, () => rng.normal());
    const { y } = evaluateFloat64(graph, { x, "random.0": new Uint8Array(18) });
    expect([...y.data]).toEqual([1, 2, 3].flatMap(() => [...layer.output!.bias!.data]));
  });
});

it("has 4 C^2 + 4 C parameters", () => {
  expect(parameterCount(new MultiHeadAttention(6, { rng: new Rng(1), numHeads: 3 }))).toBe(4 * 36 + 4 * 6);
});

describe("options of MultiHeadAttention", () => {
  const x = input("x", [1, 3, 4]);
  const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));

  it("outputProjection false leaves the heads side by side: the projection of the other layer is applied to them", async () => {
    const create = (outputProjection: boolean) =>
      new MultiHeadAttention(4, { rng: new Rng(1), numHeads: 2, causal: true, outputProjection });
    const [projected, plain] = [create(true), create(false)];
    expect([...namedParameters(plain).keys()]).toEqual(["qkv.weight", "qkv.bias"]);
    const graph = graphOf({
      expected: projected.forward(x).output,
      projected: projected.output!.forward(plain.forward(x).output),
    });
    const result = await (await referenceEngine().compile(graph)).run({ x: values });
    expect(result.projected.data).toBeAllclose(result.expected.data as Float32Array, { atol: 1e-7 });
  });

  it("scale replaces 1 / sqrt(headDim), as queries that much larger would", async () => {
    const create = (scale?: number) =>
      new MultiHeadAttention(4, { rng: new Rng(1), numHeads: 2, ...(scale !== undefined && { scale }) });
    const [scaled, usual] = [create(0.5), create()];
    expect(usual.scale).toBe(1 / Math.sqrt(2));
    const ratio = 0.5 * Math.sqrt(2);
    usual.qkv.weight.data.subarray(0, 4 * 4).forEach((value, i, rows) => (rows[i] = value * ratio));
    usual.qkv.bias!.data.subarray(0, 4).forEach((value, i, rows) => (rows[i] = value * ratio));
    const graph = graphOf({
      scaled: scaled.forward(x).probabilities,
      expected: usual.forward(x).probabilities,
    });
    const result = await (await referenceEngine().compile(graph)).run({ x: values });
    // float32 roundings of weights and scores of size 1.
    expect(result.scaled.data).toBeAllclose(result.expected.data as Float32Array, { atol: 1e-6 });
  });

  it("a name in the context names queries, keys and probabilities; without one nothing is named", () => {
    const layer = new MultiHeadAttention(4, { rng: new Rng(1), numHeads: 2 });
    const { output, probabilities } = layer.forward(x, { name: "blocks.0.attention" });
    const found = [...taps([output]).values()];
    expect(found.map(({ name, kind, value }) => [name, kind, value.shape])).toEqual([
      ["blocks.0.attention.query", "query", [1, 2, 3, 2]],
      ["blocks.0.attention.key", "key", [1, 2, 3, 2]],
      ["blocks.0.attention.probabilities", "attention", [1, 2, 3, 3]],
    ]);
    expect(found[2].value).toBe(probabilities);
    expect(taps([layer.forward(x).output]).size).toBe(0);
  });
});
