import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { counted, expected, finished, losses, plots, rungs, text } from "../13-gpt-ladder/lesson.ts";

describe("lesson 13: the ladder to GPT", () => {
  it("has models of the sizes that their layers add up to", () => {
    // Moby-Dick has V = 89 characters; C = 32, T = 8.
    const [V, C, T] = [89, 32, 8];
    const ends = (V + T) * C + (C + 1) * V;
    const block = 4 * C * C + C + (8 * C * C + 5 * C);
    expect(rungs.bigram.parameters).toBe(V * V);
    expect(rungs.head.parameters).toBe(ends + 3 * C * C);
    expect(rungs.heads.parameters).toBe(rungs.head.parameters);
    expect(rungs.feedForward.parameters).toBe(rungs.heads.parameters + C * C + C);
    expect(rungs.residual.parameters).toBe(ends + 3 * block);
    expect(rungs.layerNorm.parameters).toBe(ends + 3 * (block + 4 * C));
  });

  it("starts near ln V, the table half a nat above", () => {
    // Scores of N(0, 1) cost half a nat on average; PyTorch's start of the output layer costs from nothing to half a nat.
    expect(Math.abs(rungs.bigram.first - expected - 0.5)).toBeLessThan(0.1);
    for (const { first } of [rungs.head, rungs.heads, rungs.feedForward, rungs.residual, rungs.layerNorm, finished]) {
      expect(Math.abs(first - expected)).toBeLessThan(0.6);
    }
  });

  it("learns on every rung", () => {
    for (const { first, loss } of [...Object.values(rungs), finished]) expect(loss).toBeLessThan(first - 0.5);
    // 50 steps show the blocks ahead already.
    expect(rungs.layerNorm.loss).toBeLessThan(rungs.head.loss);
    expect(finished.loss).toBeLessThan(rungs.heads.loss);
  });

  it("counts, and writes", () => {
    // Trigrams of characters of English cost about two nats; the test counts no more.
    expect(Math.abs(counted - 2)).toBeLessThan(0.2);
    expect([...text]).toHaveLength(40);
  });

  it("draws what it looks at and what surprises it", () => {
    expect(losses).toHaveLength(4);
    for (const loss of losses) expect(loss).toBeGreaterThan(0);
    for (const svg of plots) expect(parseXml(svg).name).toBe("svg");
  });
});
