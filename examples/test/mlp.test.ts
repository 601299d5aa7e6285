import { describe, expect, it } from "vitest";
import { after, before, losses, parameters } from "../04-mlp/lesson.ts";
import { expected, results } from "../05-first-loss/lesson.ts";

describe("lesson 4: the MLP", () => {
  it("has the lecture's 11,897 parameters", () => {
    expect(parameters).toBe(11_897);
  });

  it("starts at ln 27 and is better than counted bigrams after 2,000 steps", () => {
    expect(Math.abs(before - Math.log(27))).toBeLessThan(0.02);
    expect(losses).toHaveLength(2000);
    // The bigram table has 2.418 on these names (lesson 1).
    expect(after.validation).toBeLessThan(2.418);
    expect(after.train).toBeLessThan(after.validation);
  });
});

describe("lesson 5: the first loss", () => {
  it("is about 27 with all weights N(0, 1), and ln 27 with a small output layer", () => {
    expect(expected).toBe(Math.log(27));
    // The lecture's seed gave 27.88; the spread over seeds is a few nats.
    expect(Math.abs(results.raw.first - 27)).toBeLessThan(6);
    expect(Math.abs(results.fixed.first - expected)).toBeLessThan(0.1);
  });

  it("costs the first steps", () => {
    expect(results.raw.means[0]).toBeGreaterThan(results.fixed.means[0] + 3);
  });
});
