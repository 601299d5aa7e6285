import { Rng, truncNormal } from "@llm-learning/init";
import fc from "fast-check";
import { expect, test } from "vitest";
import fixture from "./fixtures/rng.json" with { type: "json" };
import { largestError } from "./moments.ts";

test.each(fixture.truncNormal)(
  "truncNormal of mean $mean and std $std in [$low, $high] inverts the distribution function",
  ({ mean, std, low, high, values }) => {
    const data = new Float32Array(values.length);
    truncNormal(data, { mean, std, low, high, rng: new Rng(42) });
    // float32 rounds by up to 2^-24 of the value.
    expect(largestError(data, values)).toBeLessThan(2 ** -24);
  },
);

test("truncNormal stays within its bounds wherever they are", () => {
  const number = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(number, number, number, fc.nat(), (mean, a, b, seed) => {
      fc.pre(a !== b);
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const data = new Float32Array(20);
      truncNormal(data, { mean, std: 2, low, high, rng: new Rng(seed) });
      expect(data.every((x) => x >= Math.fround(low) && x <= Math.fround(high))).toBe(true);
    }),
  );
});

test("truncNormal takes infinite bounds and very wide ones", () => {
  const data = new Float32Array(1000);
  truncNormal(data, { low: 0, high: Infinity, rng: new Rng(1) });
  expect(data.every((x) => x >= 0 && x < 9)).toBe(true);
  truncNormal(data, { low: -Infinity, high: Infinity, rng: new Rng(42) });
  expect(largestError(data, fixture.normal)).toBeLessThan(2 ** -24);
  truncNormal(data, { low: -1e30, high: -35, rng: new Rng(1) });
  expect(data.every((x) => x <= -35 && x > -36)).toBe(true);
});

test("truncNormal refuses bad parameters", () => {
  const data = new Float32Array(2);
  const rng = new Rng(0);
  expect(() => truncNormal(data, { std: 0, rng })).toThrow(
    new RangeError("truncNormal: expected std to be a finite number > 0, got 0"),
  );
  expect(() => truncNormal(data, { low: 2, high: 2, rng })).toThrow(
    new RangeError("truncNormal: expected low < high, got low 2 and high 2"),
  );
  expect(() => truncNormal(data, { low: Number.NaN, rng })).toThrow(RangeError);
  expect(() => truncNormal(data, { mean: Infinity, rng })).toThrow(RangeError);
  expect(() => truncNormal(data, { std: 0.01, low: 1, high: 2, rng })).toThrow(
    new RangeError(
      "truncNormal: expected an interval within 36 standard deviations (std 0.01) of mean 0, got low 1 and high 2",
    ),
  );
  expect(() => truncNormal(data, {} as never)).toThrow(TypeError);
});
