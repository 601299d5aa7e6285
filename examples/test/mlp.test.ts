import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { after, before, curve, losses, names, parameters, scatter, sweep, sweepPlot } from "../04-mlp/lesson.ts";
import { expected, results } from "../05-first-loss/lesson.ts";

describe("lesson 4: the MLP", () => {
  it("has the lecture's 11,897 parameters", () => {
    expect(parameters).toBe(11_897);
  });

  it("starts at ln 27 and is better than counted bigrams after 1,000 steps", () => {
    expect(Math.abs(before - Math.log(27))).toBeLessThan(0.02);
    expect(losses).toHaveLength(1000);
    // The bigram table has 2.418 on these names (lesson 1).
    expect(after.validation).toBeLessThan(2.418);
    expect(after.train).toBeLessThan(after.validation);
  });

  it("learns nothing with tiny steps, and nothing with huge ones", () => {
    // 200 steps from 0.001 to 1; the loss of a batch of 32 has a standard deviation of 0.15, the mean of 20 one of 0.03.
    const tenth = (part: number): number =>
      sweep.slice(20 * part, 20 * part + 20).reduce((sum, loss) => sum + loss / 20, 0);
    expect(tenth(0)).toBeGreaterThan(3.2);
    expect(tenth(7)).toBeLessThan(3);
    expect(tenth(9)).toBeGreaterThan(tenth(7));
  });

  it("writes names and draws what it has learned", () => {
    expect(names).toHaveLength(10);
    for (const name of names) expect(name).toMatch(/^[a-z]{0,30}$/);
    for (const svg of [sweepPlot, curve, scatter]) expect(parseXml(svg).name).toBe("svg");
    expect(scatter).toContain("27 tokens in dimensions 0 and 1 of 2");
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
    for (const { plot } of Object.values(results)) expect(parseXml(plot).name).toBe("svg");
    expect(results.raw.means[0]).toBeGreaterThan(results.fixed.means[0] + 3);
  });
});
