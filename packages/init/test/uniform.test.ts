import { Rng, uniform } from "@llm-learning/init";
import { expect, test } from "vitest";

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
