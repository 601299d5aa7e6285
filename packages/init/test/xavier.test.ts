import { Rng, xavierNormal, xavierUniform } from "@llm-learning/init";
import { expect, test } from "vitest";
import { fiveStandardErrors, moments } from "./moments.ts";

test("xavierNormal has std gain * sqrt(2 / (fanIn + fanOut)), of a convolution in either layout", () => {
  const expected = Math.sqrt(2 / (9 * (64 + 32)));
  for (const [layout, shape] of [
    ["channelsLast", [64, 3, 3, 32]],
    ["channelsFirst", [64, 32, 3, 3]],
  ] as const) {
    const data = new Float32Array(64 * 32 * 9);
    xavierNormal(data, shape, { layout, rng: new Rng(2) });
    const { mean, std } = moments(data);
    const tolerance = fiveStandardErrors(data.length, expected);
    expect(Math.abs(mean)).toBeLessThan(tolerance.mean);
    expect(Math.abs(std - expected)).toBeLessThan(tolerance.std);
  }
});

test("both refuse what does not fit, in their own name", () => {
  const rng = new Rng(0);
  expect(() => xavierUniform(new Float32Array(5), [2, 3], { rng })).toThrow(
    new RangeError("xavierUniform: expected data of 6 elements for shape [2, 3], got 5"),
  );
  expect(() => xavierNormal(new Float32Array(5), [5], { rng })).toThrow(
    new RangeError("xavierNormal: expected a shape with at least 2 axes, got [5]"),
  );
  expect(() => xavierNormal(new Float32Array(6), [2, 3], { gain: -1, rng })).toThrow(
    new RangeError("xavierNormal: expected gain to be a finite number >= 0, got -1"),
  );
  expect(() => xavierNormal(new Float32Array(6), [2, 3], {} as never)).toThrow(
    new TypeError("xavierNormal: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
});
