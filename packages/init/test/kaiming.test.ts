import { kaimingNormal, kaimingUniform, type KaimingOptions, Rng } from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };
import { fiveStandardErrors, moments } from "./moments.ts";

describe.each(fixture.kaiming)(
  "with PyTorch's std for $shape, a $a, $mode, $nonlinearity",
  ({ shape, std, ...rest }) => {
    const options = { ...(rest as Omit<KaimingOptions, "rng">), layout: "channelsFirst" } as const;
    const size = shape.reduce((product, n) => product * n, 1);

    test("kaimingNormal has it", () => {
      const data = new Float32Array(size);
      kaimingNormal(data, shape, { ...options, rng: new Rng(1) });
      const actual = moments(data);
      const tolerance = fiveStandardErrors(size, std);
      expect(Math.abs(actual.mean)).toBeLessThan(tolerance.mean);
      expect(Math.abs(actual.std - std)).toBeLessThan(tolerance.std);
      expect(Math.abs(actual.kurtosis - 3)).toBeLessThan(tolerance.kurtosis);
    });

    test("kaimingUniform has the bound sqrt(3) * std", () => {
      const data = new Float32Array(size);
      kaimingUniform(data, shape, { ...options, rng: new Rng(1) });
      const bound = Math.sqrt(3) * std;
      const largest = data.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
      expect(largest).toBeLessThanOrEqual(Math.fround(bound));
      // The largest of n draws misses the bound by more than 20 / n of it with probability exp(-20).
      expect(largest).toBeGreaterThan(bound * (1 - 20 / size));
    });
  },
);

test("the defaults are fanIn and relu", () => {
  const byDefault = new Float32Array(12);
  const explicit = new Float32Array(12);
  kaimingNormal(byDefault, [3, 4], { rng: new Rng(1) });
  kaimingNormal(explicit, [3, 4], { mode: "fanIn", nonlinearity: "relu", rng: new Rng(1) });
  expect(byDefault).toEqual(explicit);
});

test("a layout moves the fan to the axis it names", () => {
  const last = new Float32Array(2 * 5 * 9);
  const first = new Float32Array(2 * 5 * 9);
  kaimingNormal(last, [2, 3, 3, 5], { rng: new Rng(1) });
  kaimingNormal(first, [2, 5, 3, 3], { layout: "channelsFirst", rng: new Rng(1) });
  expect(last).toEqual(first);
});

test("both refuse what does not fit, in their own name", () => {
  const data = new Float32Array(6);
  const rng = new Rng(0);
  expect(() => kaimingNormal(data, [2, 4], { rng })).toThrow(
    new RangeError("kaimingNormal: expected data of 8 elements for shape [2, 4], got 6"),
  );
  expect(() => kaimingUniform(data, [6], { rng })).toThrow(
    new RangeError("kaimingUniform: expected a shape with at least 2 axes, got [6]"),
  );
  expect(() => kaimingUniform(data, [2, 3], { mode: "fan_in" as never, rng })).toThrow(
    new RangeError('kaimingUniform: expected mode "fanIn" or "fanOut", got "fan_in"'),
  );
  expect(() => kaimingUniform(data, [2, 3], { a: Number.NaN, rng })).toThrow(
    new RangeError("kaimingUniform: expected a to be a finite number, got NaN"),
  );
  expect(() => kaimingUniform(data, [2, 3], { nonlinearity: "gelu" as never, rng })).toThrow(RangeError);
  expect(() => kaimingUniform(data, [2, 3], {} as never)).toThrow(
    new TypeError("kaimingUniform: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
});
