import { Rng } from "@llm-learning/init";
import { suggestRate } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";

/** 10^-5 to 1 in 201 steps: every fortieth of a decade. */
const rates = Array.from({ length: 201 }, (_, i) => 10 ** (-5 + i / 40));

/** A loss of 4 that falls to 2 around 10^-3 and rises from 10^-1 on. */
function valley(rate: number): number {
  const x = Math.log10(rate);
  return 4 - 2 / (1 + Math.exp(-8 * (x + 3))) + 3 / (1 + Math.exp(-8 * (x + 0.5)));
}

describe("suggestRate", () => {
  it("finds the steepest descent of a curve whose steepest point is known", () => {
    const { rate, lowest } = suggestRate(rates, rates.map(valley));
    // The logistic function is steepest at its middle; the lowest point lies between the two.
    expect(Math.log10(rate ?? NaN)).toBeCloseTo(-3, 5);
    expect(Math.log10(lowest)).toBeGreaterThan(-2.2);
    expect(Math.log10(lowest)).toBeLessThan(-1.2);
  });

  it("finds it within a fifth of a decade where each point is as noisy as a batch", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const rng = new Rng(seed);
      const { rate } = suggestRate(
        rates,
        rates.map((at) => valley(at) + 0.1 * (rng.uniform() - 0.5)),
      );
      // Noise of std 0.03 in each point leaves a slope of std 0.15 beside the 4 per decade of the descent.
      expect(Math.abs(Math.log10(rate ?? NaN) + 3)).toBeLessThan(0.2);
    }
  });

  it("keeps a straight line as it is", () => {
    const line = rates.map((rate) => 3 - 0.2 * Math.log10(rate));
    const { smooth } = suggestRate(rates, line);
    // A fitted line is exact on a line, but for rounding.
    for (const [i, value] of smooth.entries()) expect(value).toBeCloseTo(line[i], 10);
  });

  it("suggests nothing where the loss only rises", () => {
    expect(
      suggestRate(
        rates,
        rates.map((rate) => 3 + Math.log10(rate)),
      ).rate,
    ).toBeUndefined();
  });

  it("says how many points it needs", () => {
    expect(() => suggestRate([0.1], [3])).toThrow(
      "suggestRate: expected at least 2 rates and as many losses, got 1 and 1",
    );
    expect(() => suggestRate([0.1, 0.2], [3])).toThrow("got 2 and 1");
  });
});
