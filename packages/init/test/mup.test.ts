import { mupLearningRate, mupNormal, Rng, type WeightRole } from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import { fiveStandardErrors, moments } from "./moments.ts";

/** Table 3 of Tensor Programs V for a network 4 times as wide as the base model, whose width is 100. */
const TABLE: { role: WeightRole; shape: number[]; baseShape: number[]; std: number; adam: number; sgd: number }[] = [
  { role: "embedding", shape: [50, 400], baseShape: [50, 100], std: 1, adam: 1, sgd: 4 },
  { role: "input", shape: [400, 50], baseShape: [100, 50], std: 1, adam: 1, sgd: 4 },
  { role: "hidden", shape: [400, 400], baseShape: [100, 100], std: 1 / 2, adam: 1 / 4, sgd: 1 },
  { role: "hidden", shape: [1600, 400], baseShape: [400, 100], std: 1 / 2, adam: 1 / 4, sgd: 1 },
  { role: "residual", shape: [400, 1600], baseShape: [100, 400], std: 1 / 2, adam: 1 / 4, sgd: 1 },
  { role: "output", shape: [50, 400], baseShape: [50, 100], std: 1 / 4, adam: 1 / 4, sgd: 1 / 4 },
  { role: "bias", shape: [400], baseShape: [100], std: 0, adam: 1, sgd: 4 },
];

describe.each(TABLE)("a weight of role $role, $shape where the base has $baseShape", (weight) => {
  const { role, shape, baseShape } = weight;

  test(`has ${weight.std} of the base model's standard deviation`, () => {
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(9);
    mupNormal(data, shape, { role, baseShape, std: 0.1, rng: new Rng(1) });
    const expected = 0.1 * weight.std;
    expect(Math.abs(moments(data).std - expected)).toBeLessThanOrEqual(fiveStandardErrors(data.length, expected).std);
  });

  test(`has ${weight.adam} of its learning rate with Adam, ${weight.sgd} with SGD`, () => {
    expect(mupLearningRate(shape, { role, baseShape })).toBe(weight.adam);
    expect(mupLearningRate(shape, { role, baseShape, optimizer: "sgd" })).toBe(weight.sgd);
  });
});

test("the base model itself starts as without muP", () => {
  for (const role of ["embedding", "input", "hidden", "residual", "output"] as const) {
    const data = new Float32Array(20_000);
    mupNormal(data, [200, 100], { role, baseShape: [200, 100], rng: new Rng(1) });
    expect(Math.abs(moments(data).std - 0.02)).toBeLessThan(fiveStandardErrors(data.length, 0.02).std);
    expect(mupLearningRate([200, 100], { role, baseShape: [200, 100] })).toBe(1);
  }
});

test("a convolution's width is its channels, in either layout", () => {
  const options = { role: "hidden", baseShape: [8, 3, 3, 8] } as const;
  expect(mupLearningRate([32, 3, 3, 32], options)).toBe(1 / 4);
  expect(mupLearningRate([32, 32, 3, 3], { role: "hidden", baseShape: [8, 8, 3, 3], layout: "channelsFirst" })).toBe(
    1 / 4,
  );
});

describe("one step of sign descent (Adam's first) on a network of three layers", () => {
  // The coordinate check of the paper's appendix D: how far the outputs move, at two widths.
  const moved = (width: number, parametrization: "mup" | "standard") => outputChange(width, parametrization);

  test("moves the outputs of a network 16 times as wide as far with muP", () => {
    // The mean of 20 seeds; what is left of a dependence on the width is the base model's own noise.
    const ratio = moved(256, "mup") / moved(16, "mup");
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });

  test("moves them much farther without", () => {
    expect(moved(256, "standard") / moved(16, "standard")).toBeGreaterThan(8);
  });
});

/** Mean change of the single output of x -> relu -> relu -> output, over 20 seeds, by a step of sign descent. */
function outputChange(width: number, parametrization: "mup" | "standard"): number {
  const inputs = 8;
  const base = 16;
  const widthNow = parametrization === "mup" ? base : width;
  const layers = [
    { role: "input", shape: [width, inputs], baseShape: [widthNow, inputs], std: 1 / Math.sqrt(inputs) },
    { role: "hidden", shape: [width, width], baseShape: [widthNow, widthNow], std: Math.sqrt(2 / widthNow) },
    { role: "output", shape: [1, width], baseShape: [1, widthNow], std: 1 / Math.sqrt(widthNow) },
  ] as const;
  let change = 0;
  for (let seed = 0; seed < 20; seed++) {
    const rng = new Rng(seed);
    const x = new Float32Array(inputs).map(() => rng.normal());
    const weights = layers.map(({ shape, ...options }) => {
      const data = new Float32Array(shape[0] * shape[1]);
      mupNormal(data, shape, { ...options, rng });
      return data;
    });
    const before = forward(weights, x);
    // The gradient of the output itself, backwards through both rectifiers.
    let upstream = Float32Array.of(1);
    for (let layer = 2; layer >= 0; layer--) {
      const input = before[layer];
      const { shape, role, baseShape } = layers[layer];
      const rate = 0.001 * mupLearningRate(shape, { role, baseShape });
      const weight = weights[layer];
      const downstream = new Float32Array(shape[1]);
      upstream.forEach((gradient, i) => {
        for (let k = 0; k < shape[1]; k++) {
          downstream[k] += gradient * weight[i * shape[1] + k];
          weight[i * shape[1] + k] += rate * Math.sign(gradient * input[k]);
        }
      });
      upstream = downstream.map((gradient, k) => (input[k] > 0 ? gradient : 0));
    }
    change += Math.abs(forward(weights, x)[3][0] - before[3][0]) / 20;
  }
  return change;
}

/** The input and the outputs of the three layers, rectified but for the last. */
function forward(weights: readonly Float32Array[], x: Float32Array): Float32Array[] {
  const values = [x];
  weights.forEach((weight, layer) => {
    const input = values[layer];
    const output = new Float32Array(weight.length / input.length);
    output.forEach((_, i) => {
      let sum = 0;
      for (let k = 0; k < input.length; k++) sum += weight[i * input.length + k] * input[k];
      output[i] = layer < 2 ? Math.max(0, sum) : sum;
    });
    values.push(output);
  });
  return values;
}

test("muP refuses what does not fit", () => {
  const data = new Float32Array(6);
  const rng = new Rng(0);
  expect(() => mupNormal(data, [2, 3], { role: "hidden", baseShape: [2], rng })).toThrow(
    new RangeError("mupNormal (baseShape): expected a shape with at least 2 axes, got [2]"),
  );
  expect(() => mupNormal(data, [2, 3], { role: "hidden", baseShape: [2, 3, 3], rng })).toThrow(
    new RangeError("mupNormal: expected baseShape to have as many axes as shape [2, 3], got [2, 3, 3]"),
  );
  expect(() => mupNormal(data, [2, 3], { role: "bias", baseShape: [2], rng })).toThrow(
    new RangeError("mupNormal: expected a shape with 1 axes, got [2, 3]"),
  );
  expect(() => mupNormal(data, [2, 4], { role: "hidden", baseShape: [2, 2], rng })).toThrow(
    new RangeError("mupNormal: expected data of 8 elements for shape [2, 4], got 6"),
  );
  expect(() => mupLearningRate([2, 3], { role: "hidden" } as never)).toThrow(TypeError);
  expect(() => mupLearningRate([2, 3], { role: "hidden", baseShape: [2, 3], optimizer: "adamw" as never })).toThrow(
    new RangeError('mupLearningRate: expected optimizer "adam" or "sgd", got "adamw"'),
  );
});
