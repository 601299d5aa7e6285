import { normal, Rng } from "@llm-learning/init";
import { expect, test } from "vitest";
import fixture from "./fixtures/rng.json" with { type: "json" };

test("normal is mean + std times the generator's normal numbers, rounded to float32", () => {
  const data = new Float32Array(fixture.normal.length);
  normal(data, { mean: 1, std: 2, rng: new Rng(42) });
  // Half a unit in the last place of float32, for numbers below 16.
  fixture.normal.forEach((x, i) => expect(Math.abs(data[i] - (1 + 2 * x))).toBeLessThan(2 ** -20));
});

test("normal with std 0 is constant", () => {
  const data = new Float32Array(3);
  normal(data, { mean: 0.5, std: 0, rng: new Rng(0) });
  expect(Array.from(data)).toEqual([0.5, 0.5, 0.5]);
});

test("normal refuses bad parameters and a missing generator", () => {
  const data = new Float32Array(2);
  const rng = new Rng(0);
  expect(() => normal(data, { std: -1, rng })).toThrow(
    new RangeError("normal: expected std to be a finite number >= 0, got -1"),
  );
  expect(() => normal(data, { mean: Number.NaN, rng })).toThrow(
    new RangeError("normal: expected mean to be a finite number, got NaN"),
  );
  expect(() => normal(data, { std: 1 } as never)).toThrow(
    new TypeError("normal: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
});
