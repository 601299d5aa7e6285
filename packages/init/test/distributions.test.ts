/**
 * A million draws of every random initializer: moments and bounds against theory (SciPy), the whole distribution against
 * four million draws of torch.nn.init.
 *
 * Chance is given five standard errors. There are about 1,200 comparisons, each of which an honest sample fails once in
 * 1.7 million times; seeds are fixed, so that it is the same sample at every run.
 */
import {
  kaimingNormal,
  kaimingUniform,
  normal,
  orthogonal,
  Rng,
  sparse,
  truncNormal,
  uniform,
  xavierNormal,
  xavierUniform,
} from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import fixture from "./fixtures/quantiles.json" with { type: "json" };
import { moments } from "./moments.ts";

const DRAWS = 1_000_000;
const CONV = [100, 200, 5, 10];
const TANH = { nonlinearity: "tanh", layout: "channelsFirst" } as const;

const fills: Readonly<Record<string, (data: Float32Array, rng: Rng) => Float32Array | void>> = {
  uniform: (data, rng) => uniform(data, { rng }),
  "uniform of -3 to 5": (data, rng) => uniform(data, { low: -3, high: 5, rng }),
  normal: (data, rng) => normal(data, { rng }),
  "normal of mean -5 and std 0.02": (data, rng) => normal(data, { mean: -5, std: 0.02, rng }),
  truncNormal: (data, rng) => truncNormal(data, { rng }),
  "truncNormal of std 0.02 within 0.04": (data, rng) => truncNormal(data, { std: 0.02, low: -0.04, high: 0.04, rng }),
  "truncNormal of mean 1 and std 2 in [0, 1.5]": (data, rng) =>
    truncNormal(data, { mean: 1, std: 2, low: 0, high: 1.5, rng }),
  "truncNormal of the tail [1.5, 4]": (data, rng) => truncNormal(data, { low: 1.5, high: 4, rng }),
  xavierUniform: (data, rng) => xavierUniform(data, [500, 2000], { rng }),
  "xavierNormal of gain 5/3 on a convolution": (data, rng) =>
    xavierNormal(data, CONV, { gain: 5 / 3, layout: "channelsFirst", rng }),
  "kaimingUniform for relu by fanOut": (data, rng) =>
    kaimingUniform(data, [500, 2000], { mode: "fanOut", nonlinearity: "relu", rng }),
  "kaimingUniform of a = sqrt(5), as Linear": (data, rng) =>
    kaimingUniform(data, [500, 2000], { a: Math.sqrt(5), rng }),
  kaimingNormal: (data, rng) => kaimingNormal(data, [500, 2000], { rng }),
  "kaimingNormal for tanh on a convolution": (data, rng) => kaimingNormal(data, CONV, { ...TANH, rng }),
  "sparse, where not zero": (data, rng) => {
    sparse(data, [1000, 1000], { sparsity: 0.25, rng });
    return data.filter((x) => x !== 0);
  },
  "orthogonal of 16 x 8": (data, rng) => inPieces(data, 128, (piece) => orthogonal(piece, [16, 8], { rng })),
  "orthogonal of a convolution of 4 channels": (data, rng) =>
    inPieces(data, 72, (piece) => orthogonal(piece, [4, 3, 3, 2], { gain: Math.SQRT2, rng })),
};

/** Fills as much of `data` as whole pieces of `size` elements cover, and returns that much. */
function inPieces(data: Float32Array, size: number, fill: (piece: Float32Array) => void): Float32Array {
  const covered = data.length - (data.length % size);
  for (let i = 0; i < covered; i += size) fill(data.subarray(i, i + size));
  return data.subarray(0, covered);
}

test("every distribution of the fixture is compared", () => {
  expect(Object.keys(fills)).toEqual(fixture.cases.map(({ name }) => name));
});

describe.each(fixture.cases)("$name", ({ name, quantiles, ...theory }) => {
  const drawn = new Float32Array(DRAWS);
  const data = fills[name](drawn, new Rng(3)) ?? drawn;
  // The elements of an orthogonal matrix depend on each other so that their moments stray less than independent ones'.
  const standardError = (variance: number) => Math.sqrt(variance / data.length);

  test("has the mean, standard deviation and kurtosis of theory", () => {
    const { mean, std, kurtosis } = moments(data);
    expect(Math.abs(mean - theory.mean)).toBeLessThan(5 * standardError(theory.std ** 2));
    expect(Math.abs(std / theory.std - 1)).toBeLessThan(5 * standardError((theory.kurtosis - 1) / 4));
    expect(Math.abs(kurtosis - theory.kurtosis)).toBeLessThan(5 * standardError(theory.kurtosisVariance));
  });

  test("stays within its bounds", () => {
    // Bounds rounded to float32, as the elements are.
    const [low, high] = [Math.fround(theory.low ?? -Infinity), Math.fround(theory.high ?? Infinity)];
    expect(data.every((x) => x >= low && x <= high)).toBe(true);
  });

  test("is distributed as torch.nn.init's draws", () => {
    const below = sharesBelow(data, quantiles);
    fixture.levels.forEach((level, i) => {
      const error = Math.sqrt(level * (1 - level) * (1 / data.length + 1 / fixture.draws));
      expect(Math.abs(below[i] - level), `share below quantile ${level}`).toBeLessThan(5 * error);
    });
  });
});

/** The share of `data` at or below each of the ascending `limits`. */
function sharesBelow(data: Float32Array, limits: readonly number[]): number[] {
  const counts = limits.map(() => 0);
  for (const x of data) {
    let [first, last] = [0, limits.length];
    while (first < last) {
      const middle = (first + last) >> 1;
      if (x <= limits[middle]) last = middle;
      else first = middle + 1;
    }
    if (first < limits.length) counts[first]++;
  }
  let sum = 0;
  return counts.map((count) => (sum += count) / data.length);
}
