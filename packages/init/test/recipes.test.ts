/** The recipes, over a million draws each: GPT-2's, zero projections, spectral scaling. muP has a file of its own besides. */
import { gpt2Normal, mupNormal, Rng, spectralNormal, zeroProjection } from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import fixture from "./fixtures/quantiles.json" with { type: "json" };
import { fiveStandardErrors, moments } from "./moments.ts";

const SIDE = 1000;
const SHAPE = [SIDE, SIDE];

function expectNormal(data: Float32Array, std: number) {
  const actual = moments(data);
  const tolerance = fiveStandardErrors(data.length, std);
  expect(Math.abs(actual.mean)).toBeLessThan(tolerance.mean);
  expect(Math.abs(actual.std - std)).toBeLessThan(tolerance.std);
  expect(Math.abs(actual.kurtosis - 3)).toBeLessThan(tolerance.kurtosis);
}

describe("gpt2Normal", () => {
  test.each(["embedding", "input", "hidden", "output"] as const)("starts %s weights from N(0, 0.02)", (role) => {
    const data = new Float32Array(SIDE * SIDE);
    gpt2Normal(data, { role, nLayer: 12, rng: new Rng(1) });
    expectNormal(data, 0.02);
  });

  test("divides residual projections by sqrt(2 nLayer): 0.0040825 for the twelve blocks of GPT-2", () => {
    const data = new Float32Array(SIDE * SIDE);
    gpt2Normal(data, { role: "residual", nLayer: 12, rng: new Rng(1) });
    expectNormal(data, 0.004082482904638631);
  });

  test("the sum of 2 nLayer residual branches is as large as one branch without the division", () => {
    // Each branch adds weight times a vector of unit elements: the variance of a sum element is 2 nLayer * width * std^2.
    const nLayer = 6;
    const width = 300;
    const sums = new Float32Array(width);
    const data = new Float32Array(width * width);
    const rng = new Rng(2);
    for (let branch = 0; branch < 2 * nLayer; branch++) {
      gpt2Normal(data, { role: "residual", nLayer, rng });
      for (let i = 0; i < data.length; i++) sums[Math.floor(i / width)] += data[i];
    }
    const expected = 0.02 * Math.sqrt(width);
    expect(Math.abs(moments(sums).std - expected)).toBeLessThan(fiveStandardErrors(width, expected).std);
  });

  test("starts biases at zero and draws nothing for them", () => {
    const rng = new Rng(1);
    const before = rng.state();
    const data = new Float32Array(3).fill(9);
    gpt2Normal(data, { role: "bias", nLayer: 12, rng });
    expect(Array.from(data)).toEqual([0, 0, 0]);
    expect(rng.state()).toEqual(before);
  });

  test("refuses unknown roles and models without blocks", () => {
    const data = new Float32Array(4);
    const rng = new Rng(0);
    expect(() => gpt2Normal(data, { role: "attention" as never, nLayer: 1, rng })).toThrow(
      new RangeError(
        'gpt2Normal: expected role to be one of embedding, input, hidden, residual, output, bias, got "attention"',
      ),
    );
    expect(() => gpt2Normal(data, { role: "hidden", rng } as never)).toThrow(
      new RangeError("gpt2Normal: expected nLayer to be an integer >= 1, got undefined"),
    );
    expect(() => gpt2Normal(data, { role: "hidden", nLayer: 0, rng })).toThrow(RangeError);
    expect(() => gpt2Normal(data, { role: "hidden", nLayer: 1 } as never)).toThrow(
      new TypeError("gpt2Normal: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
    );
  });
});

test("mupNormal draws from normal distributions: N(0, 0.1), divided by the width's growth of 4 or by its root", () => {
  const data = new Float32Array(SIDE * SIDE);
  const stds = { embedding: 0.1, input: 0.1, hidden: 0.05, residual: 0.05, output: 0.025 } as const;
  for (const [role, std] of Object.entries(stds)) {
    const options = { role: role as keyof typeof stds, baseShape: [SIDE / 4, SIDE / 4], std: 0.1, rng: new Rng(1) };
    mupNormal(data, SHAPE, options);
    expectNormal(data, std);
  }
});

describe("zeroProjection", () => {
  test.each(["residual", "output"] as const)("starts %s weights at zero", (role) => {
    const data = new Float32Array(6).fill(9);
    zeroProjection(data, [2, 3], { role, rng: new Rng(1) });
    expect(data.every((x) => x === 0)).toBe(true);
  });

  test.each(["input", "hidden"] as const)(
    "draws %s weights with std 1 / sqrt(fanIn), bound sqrt(3) times that",
    (role) => {
      const data = new Float32Array(SIDE * SIDE);
      zeroProjection(data, SHAPE, { role, rng: new Rng(1) });
      const std = 1 / Math.sqrt(SIDE);
      const { kurtosis, kurtosisVariance } = fixture.cases.find(({ name }) => name === "uniform")!;
      const actual = moments(data);
      const tolerance = fiveStandardErrors(data.length, std, kurtosis);
      expect(Math.abs(actual.mean)).toBeLessThan(tolerance.mean);
      expect(Math.abs(actual.std - std)).toBeLessThan(tolerance.std);
      expect(Math.abs(actual.kurtosis - kurtosis)).toBeLessThan(5 * Math.sqrt(kurtosisVariance / data.length));
      expect(data.every((x) => Math.abs(x) <= Math.fround(Math.sqrt(3) * std))).toBe(true);
    },
  );

  test("draws embeddings from N(0, 1) and leaves biases at zero", () => {
    const table = new Float32Array(SIDE * SIDE);
    zeroProjection(table, SHAPE, { role: "embedding", rng: new Rng(1) });
    expectNormal(table, 1);
    const bias = new Float32Array(2).fill(9);
    zeroProjection(bias, [2], { role: "bias", rng: new Rng(1) });
    expect(Array.from(bias)).toEqual([0, 0]);
  });

  test("refuses what does not fit", () => {
    const data = new Float32Array(6);
    expect(() => zeroProjection(data, [2, 4], { role: "output", rng: new Rng(0) })).toThrow(
      new RangeError("zeroProjection: expected data of 8 elements for shape [2, 4], got 6"),
    );
    expect(() => zeroProjection(data, [2, 3], { role: "last" as never, rng: new Rng(0) })).toThrow(
      /^zeroProjection: expected role to be one of .*, got "last"$/,
    );
    expect(() => zeroProjection(data, [2, 3], { role: "output" } as never)).toThrow(TypeError);
  });
});

describe("spectralNormal", () => {
  test.each([[[200, 200]], [[400, 100]], [[100, 400]], [[27, 200]], [[64, 3, 3, 16]]])(
    "gives %j the spectral norm sqrt(fanOut / fanIn)",
    (shape) => {
      const rows = shape[0];
      const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
      const columns = data.length / rows;
      spectralNormal(data, shape, { rng: new Rng(1) });
      const relative = spectralNorm(data, rows, columns) / Math.sqrt(rows / columns);
      // Tracy and Widom: the largest singular value is below its limit by a few percent at these sizes, and strays little.
      expect(relative).toBeGreaterThan(0.9);
      expect(relative).toBeLessThan(1.03);
    },
  );

  test("draws from a normal distribution, 1 / (2 sqrt(n)) wide for a square weight", () => {
    const data = new Float32Array(SIDE * SIDE);
    spectralNormal(data, SHAPE, { rng: new Rng(1) });
    expectNormal(data, 1 / (2 * Math.sqrt(SIDE)));
  });

  test("is within a factor of 2 of the paper's min(1, sqrt(fanOut / fanIn)) / sqrt(fanIn)", () => {
    for (const shape of [
      [300, 300],
      [3000, 30],
      [30, 3000],
    ]) {
      const data = new Float32Array(90_000);
      spectralNormal(data, shape, { gain: 2, rng: new Rng(1) });
      const [fanOut, fanIn] = shape;
      const ratio = moments(data).std / 2 / (Math.min(1, Math.sqrt(fanOut / fanIn)) / Math.sqrt(fanIn));
      // 1/2 for the square one exactly, give or take the standard error.
      expect(ratio).toBeGreaterThan(0.5 - fiveStandardErrors(data.length, 0.5).std);
      expect(ratio).toBeLessThan(1);
    }
  });

  test("refuses what does not fit", () => {
    const data = new Float32Array(6);
    const rng = new Rng(0);
    expect(() => spectralNormal(data, [6], { rng })).toThrow(
      new RangeError("spectralNormal: expected a shape with at least 2 axes, got [6]"),
    );
    expect(() => spectralNormal(data, [2, 4], { rng })).toThrow(
      new RangeError("spectralNormal: expected data of 8 elements for shape [2, 4], got 6"),
    );
    expect(() => spectralNormal(data, [2, 3], { gain: -1, rng })).toThrow(
      new RangeError("spectralNormal: expected gain to be a finite number >= 0, got -1"),
    );
  });
});

/** The largest singular value by power iteration: a lower bound, within 1 % after a hundred rounds. */
function spectralNorm(matrix: Float32Array, rows: number, columns: number): number {
  let right = Float64Array.from({ length: columns }, (_, k) => 1 + (k % 7));
  let norm = 0;
  for (let round = 0; round < 100; round++) {
    const left = new Float64Array(rows);
    for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) left[i] += matrix[i * columns + k] * right[k];
    const next = new Float64Array(columns);
    for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) next[k] += matrix[i * columns + k] * left[i];
    norm = Math.sqrt(Math.hypot(...next) / Math.hypot(...right));
    const scale = 1 / Math.hypot(...next);
    right = next.map((x) => x * scale);
  }
  return norm;
}
