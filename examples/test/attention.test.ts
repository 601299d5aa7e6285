import "@llm-learning/testing/toBeAllclose";
import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { attention, averaged, graphs, largest, map, masks, onCausalGraph, onGraph } from "../12-attention/lesson.ts";

describe("lesson 12: attention", () => {
  it("averages the past in four ways that agree", () => {
    const { byLoop, byMatrix, bySoftmax, byAttention } = averaged;
    // Means of at most 8 numbers of about 1, rounded to float32 after each operation.
    const tolerance = { atol: 1e-6 };
    expect(byMatrix.data).toBeAllclose(byLoop.data as Float32Array, tolerance);
    expect(bySoftmax.data).toBeAllclose(byLoop.data as Float32Array, tolerance);
    expect(byAttention.shape).toEqual([2, 1, 8, 4]);
    expect(byAttention.data).toBeAllclose(byLoop.data as Float32Array, tolerance);
  });

  it("listens to the past alone, and with all of its attention", () => {
    const rows = Array.from({ length: 8 }, (_, t) => attention.probabilities.data.slice(8 * t, 8 * t + 8));
    for (const [t, row] of rows.entries()) {
      const numbers = Array.from(row, Number);
      expect(numbers.slice(t + 1)).toEqual(Array.from({ length: 7 - t }, () => 0));
      expect(numbers.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    }
  });

  it("makes up its mind too early where scores are not divided by sqrt(headDim)", () => {
    expect(Number(largest.scaled.data[0])).toBeLessThan(0.25);
    expect(Number(largest.unscaled.data[0])).toBeGreaterThan(0.75);
  });

  it("hears along the edges of a graph and nowhere else", () => {
    const { mask, heard } = onGraph;
    const numbers = Array.from(heard.data, Number);
    expect(numbers.map((weight) => Number(weight > 0))).toEqual(Array.from(mask.data, Number));
    // Node 1 hears 0 and 2; nodes 0, 3, 4 and 5 hear one node each, node 2 nobody.
    expect(numbers.slice(6, 12).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    expect(numbers[0]).toBe(1);
    expect(numbers.slice(12, 18)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(numbers[5 * 6 + 1]).toBe(1);
  });

  it("is a causal language model on the graph in which each node reaches those behind it", () => {
    // The same operations on the same numbers: a mask given, and one made.
    expect(onCausalGraph.byGraph.data).toBeAllclose(onCausalGraph.byFlag.data as Float32Array, { atol: 1e-7 });
  });

  it("draws the weights and the graphs", () => {
    for (const svg of [map, graphs.any, graphs.causal, masks]) expect(parseXml(svg).name).toBe("svg");
  });

  it("draws the figure of the attention package's README", async () => {
    await expect(masks).toMatchFileSnapshot("../../packages/attention/masks.svg");
  });
});
