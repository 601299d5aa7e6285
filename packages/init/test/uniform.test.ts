import { Rng, uniform } from "@llm-learning/init";
import { expect, test } from "vitest";
import { fiveStandardErrors, moments } from "./moments.ts";

test("uniform stays in [0, 1) by default, with the moments of that", () => {
  const data = new Float32Array(1_000_000);
  uniform(data, { rng: new Rng(1) });
  expect(data.every((x) => x >= 0 && x < 1)).toBe(true);
  const { mean, std, kurtosis } = moments(data);
  const tolerance = fiveStandardErrors(data.length, Math.sqrt(1 / 12), 1.8);
  expect(Math.abs(mean - 0.5)).toBeLessThan(tolerance.mean);
  expect(Math.abs(std - Math.sqrt(1 / 12))).toBeLessThan(tolerance.std);
  // Kurtosis of a uniform distribution; its standard error is below a normal distribution's.
  expect(Math.abs(kurtosis - 1.8)).toBeLessThan(tolerance.kurtosis);
});

test("uniform fills [low, high) to its ends", () => {
  const data = new Float32Array(100_000);
  uniform(data, { low: -3, high: 5, rng: new Rng(1) });
  // A gap of 20 mean distances at an end has probability exp(-20).
  const gap = (20 * 8) / data.length;
  expect(Math.min(...data.subarray(0, 50_000), ...data.subarray(50_000))).toBeGreaterThanOrEqual(-3);
  expect(data.some((x) => x < -3 + gap)).toBe(true);
  expect(data.some((x) => x > 5 - gap)).toBe(true);
  expect(data.every((x) => x <= 5)).toBe(true);
});

test("uniform is low + (high - low) times the upper 24 bits of a draw", () => {
  const data = new Float32Array(10);
  uniform(data, { low: 2, high: 4, rng: new Rng(6) });
  const rng = new Rng(6);
  expect(Array.from(data)).toEqual(Array.from(data, () => Math.fround(2 + (2 * (rng.nextUint32() >>> 8)) / 2 ** 24)));
});

test("uniform refuses bad bounds and a missing generator", () => {
  const data = new Float32Array(2);
  const rng = new Rng(0);
  expect(() => uniform(data, { low: 2, high: 1, rng })).toThrow(
    new RangeError("uniform: expected low <= high, got low 2 and high 1"),
  );
  expect(() => uniform(data, { high: Infinity, rng })).toThrow(
    new RangeError("uniform: expected high to be a finite number, got Infinity"),
  );
  expect(() => uniform(data, {} as never)).toThrow(
    new TypeError("uniform: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
  expect(() => uniform(data, { rng: 42 as never })).toThrow(
    new TypeError("uniform: expected rng to be an Rng, got 42; make one with new Rng(seed)"),
  );
});
