import { calculateGain, type Nonlinearity } from "@llm-learning/init";
import { expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };

test.each(Object.entries(fixture.gains))("the gain of %s is PyTorch's", (nonlinearity, gain) => {
  // Both sides compute in float64: one unit in the last place.
  expect(Math.abs(calculateGain(nonlinearity as Nonlinearity) - gain)).toBeLessThan(3e-16);
});

test.each(fixture.leakyGains)("the gain of leakyRelu with slope $slope is PyTorch's", ({ slope, gain }) => {
  expect(Math.abs(calculateGain("leakyRelu", slope) - gain)).toBeLessThan(3e-16);
});

test("nonlinearities without a slope ignore one", () => {
  expect(calculateGain("relu", 5)).toBe(Math.SQRT2);
});

test("unknown nonlinearities and slopes that are no numbers are refused", () => {
  expect(() => calculateGain("leaky_relu" as never)).toThrow(
    /^calculateGain: expected one of linear.*got "leaky_relu"$/,
  );
  expect(() => calculateGain("leakyRelu", Number.NaN)).toThrow(
    new RangeError("calculateGain: expected param (the negative slope) to be a finite number, got NaN"),
  );
});
