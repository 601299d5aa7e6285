import { describe, expect, it } from "vitest";
import { differences, losses, steps } from "../10-backpropagation/lesson.ts";

describe("lesson 10: backpropagation by hand", () => {
  it("has the library's loss", () => {
    // A mean of 32 logarithms near 3.5, each rounded to float32.
    expect(Number(losses.inSteps.data[0])).toBeCloseTo(Number(losses.byLibrary.data[0]), 5);
  });

  it.each([...steps.map(([name]) => name), "logits, fused", "hprebn, fused"])("has grad's gradient of %s", (name) => {
    const { difference, largest } = differences.get(name) as { difference: number; largest: number };
    // Sums of up to 96 terms in float32 keep six digits of the largest; a gradient that is zero but for rounding has none.
    expect(difference).toBeLessThanOrEqual(1e-6 * Math.max(largest, 0.1));
  });

  it("gives the bias before a normalization no gradient, and the maximum of the logits none", () => {
    expect(differences.get("b1")?.largest).toBeLessThan(1e-7);
    expect(differences.get("logitMaxes")?.largest).toBeLessThan(1e-7);
    expect(differences.get("W1")?.largest).toBeGreaterThan(1e-3);
  });
});
