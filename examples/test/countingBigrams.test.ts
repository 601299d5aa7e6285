import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { heatMap, impossible, loss, uniform, unseen } from "../01-counting-bigrams/lesson.ts";

describe("lesson 1: counting bigrams", () => {
  it("beats guessing, and calls some pairs impossible", () => {
    expect(uniform).toBeCloseTo(3.2958369, 7);
    // The lecture's list has 2.4540; the bundled names are other names of the same language.
    expect(Math.abs(loss - 2.454)).toBeLessThan(0.1);
    expect(unseen).toBeGreaterThan(0);
    expect(impossible.averageNll).toBe(Infinity);
    expect(impossible.impossibleGrams).toHaveLength(1);
  });

  it("draws the table", () => {
    expect(parseXml(heatMap).name).toBe("svg");
    expect(heatMap).toContain("of 729 never occur");
  });
});
