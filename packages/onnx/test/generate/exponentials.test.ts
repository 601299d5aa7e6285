import { logProbabilities, mostProbable, scoreToken } from "@llm-learning/onnx";
import { describe, expect, it } from "vitest";
import { fillExponentials } from "../../src/generate/exponentials.ts";
import { nucleusBorder } from "../../src/generate/nucleus.ts";

/** Values from 0 down to `least`, evenly spaced in single precision. */
const falling = (least: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (least * i) / (count - 1));

describe("many exponentials at once", () => {
  it("are those of Math.exp to the last bits, whose own error is as large", () => {
    for (const least of [-1e-6, -1, -40, -700]) {
      const values = falling(least, 5000);
      const weights = new Float64Array(values.length);
      const sum = fillExponentials(values, weights, { largest: 0 });
      const errors = Array.from(values, (value, i) => Math.abs(weights[i] / Math.exp(value) - 1));
      expect(Math.max(...errors)).toBeLessThan(8 * Number.EPSILON);
      expect(sum).toBe(weights.reduce((total, weight) => total + weight, 0));
    }
  });

  it("are of values divided by the temperature, below the largest", () => {
    const weights = new Float64Array(3);
    fillExponentials(Float32Array.of(5, 3, -Infinity), weights, { largest: 5, temperature: 2 });
    expect(weights[0]).toBe(1);
    expect(weights[1]).toBeCloseTo(Math.exp(-1), 15);
    expect(weights[2]).toBe(0);
  });

  it("are 0 where nothing is left in double precision, at any temperature", () => {
    const weights = new Float64Array(3);
    fillExponentials(Float32Array.of(0, -1000, -3e38), weights, { largest: 0 });
    expect([...weights]).toEqual([1, 0, 0]);
    fillExponentials(Float32Array.of(0, -1, -2), weights, { largest: 0, temperature: 1e-300 });
    expect([...weights]).toEqual([1, 0, 0]);
  });

  it("are 0 below a border, and of those on it for the first so many", () => {
    const weights = new Float64Array(5);
    fillExponentials(Float32Array.of(1, 2, 1, 0, 1), weights, { largest: 2, border: 1, equals: 2 });
    expect(Array.from(weights, (weight) => weight > 0)).toEqual([true, true, true, false, false]);
  });
});

describe("the border of the largest weights", () => {
  it("keeps the fewest that make the mass, the first of equal ones", () => {
    const weights = Float64Array.of(0.25, 1, 0.5, 0.25, 0.25);
    expect(nucleusBorder(weights, 0.5)).toEqual({ value: 1, equals: 1 });
    expect(nucleusBorder(weights, 1)).toEqual({ value: 1, equals: 1 });
    expect(nucleusBorder(weights, 1.5)).toEqual({ value: 0.5, equals: 1 });
    expect(nucleusBorder(weights, 1.6)).toEqual({ value: 0.25, equals: 1 });
    expect(nucleusBorder(weights, 1.8)).toEqual({ value: 0.25, equals: 2 });
    expect(nucleusBorder(weights, 3)).toEqual({ value: 0, equals: 0 });
  });

  it("is found among many of nearly the same size, and of the same", () => {
    // From 0.9 up, in an order that has nothing to do with their size; whole thousandths of 2^-20 add up without rounding.
    const size = (i: number): number => 0.9375 + ((i * 7919) % 5000) * 2 ** -20;
    const weights = Float64Array.from({ length: 5000 }, (_, i) => size(i));
    const descending = weights.toSorted().toReversed();
    for (const count of [1, 2, 100, 2500, 4999]) {
      const mass = descending.subarray(0, count).reduce((sum, weight) => sum + weight, 0);
      expect(nucleusBorder(weights, mass)).toEqual({ value: descending[count - 1], equals: 1 });
    }
    expect(nucleusBorder(new Float64Array(5000).fill(0.5), 100)).toEqual({ value: 0.5, equals: 200 });
  });
});

it("the score of a token is its entry among the log-probabilities of all", () => {
  const logits = Float32Array.from({ length: 300 }, (_, i) => 6 * Math.sin(i * i));
  const all = logProbabilities(logits);
  const { logprob, topLogprobs } = scoreToken(logits, 17, 4);
  expect(logprob).toBeCloseTo(all[17], 13);
  expect(topLogprobs.map(({ token }) => token)).toEqual(mostProbable(all, 4).map(({ token }) => token));
  for (const { token, logprob: best } of topLogprobs) expect(best).toBeCloseTo(all[token], 13);
});
