import { describe, expect, it } from "vitest";
import { kaimingStd, oneLayer, stacks } from "../07-kaiming/lesson.ts";

describe("lesson 7: Kaiming initialization", () => {
  it("finds sums of 100 products ten times as large, and as large as their terms once divided by 10", () => {
    // 50,000 outputs that share 10,000 weights: the root mean square is good to 1 / sqrt(2 * 10,000), here with five times that.
    expect(Math.abs(oneLayer.raw / 10 - 1)).toBeLessThan(0.035);
    expect(oneLayer.divided).toBeCloseTo(oneLayer.raw / 10, 5);
    expect(Math.abs(kaimingStd / Math.sqrt(2 / 100) - 1)).toBeLessThan(0.035);
  });

  it("keeps the size of tanh outputs with gain 5/3, near the lecture's 0.63 to 0.65, and few saturated", () => {
    const { rms, saturated } = stacks["tanh, gain 5/3"];
    for (const value of rms.slice(2)) expect(Math.abs(value - 0.65)).toBeLessThan(0.03);
    expect(saturated.at(-1)).toBeLessThan(0.08);
  });

  it("fades out with a smaller gain, and saturates with a larger one", () => {
    const faded = stacks["tanh, gain 1/2"].rms;
    for (let layer = 1; layer < faded.length; layer++) expect(faded[layer]).toBeLessThan(0.55 * faded[layer - 1]);
    expect(stacks["tanh, gain 1"].rms.at(-1)).toBeLessThan(0.4);
    expect(stacks["tanh, gain 3"].saturated.at(-1)).toBeGreaterThan(0.3);
  });

  it("keeps the size of relu outputs with gain sqrt(2) alone", () => {
    for (const value of stacks["relu, gain sqrt(2)"].rms) expect(Math.abs(value - 1)).toBeLessThan(0.25);
    expect(stacks["relu, gain 1"].rms.at(-1)).toBeLessThan(0.2);
  });
});
