import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { gradients, looks, matrices, moved, trained } from "../06-dead-neurons/lesson.ts";

describe("lesson 6: dead neurons", () => {
  it("finds most of the layer saturated with large weights, and little of it with small ones", () => {
    // A sum of 30 products of N(0, 1), and a bias, has a standard deviation of sqrt(31), and P(|x| > atanh(0.99) / sqrt(31)) = 0.63; a
    // batch has 96 letters with some of them often, hence the room.
    expect(Math.abs(looks.large.saturated - 0.63)).toBeLessThan(0.08);
    expect(looks.small.saturated).toBeLessThan(0.08);
    expect(looks.large.passes).toBeLessThan(0.2);
    expect(looks.small.passes).toBeGreaterThan(0.5);
  });

  it("kills one neuron and no other", () => {
    expect(looks.small.dead).toEqual([]);
    expect(looks.spoiled.dead).toEqual([7]);
    expect(gradients.dead).toBe(0);
    expect(gradients.largest).toBeGreaterThan(1e-3);
  });

  it("never wakes it", () => {
    expect(moved.victim).toBe(0);
    expect(moved.neighbour).toBeGreaterThan(0);
    for (const loss of Object.values(trained)) expect(loss).toBeLessThan(Math.log(27));
  });

  it("draws the dead one as a column of its own", () => {
    for (const svg of Object.values(matrices)) expect(parseXml(svg).name).toBe("svg");
    expect(matrices.large).toContain("No neuron is dead.");
    expect(matrices.spoiled).toContain("dead for all 32 examples: neurons 7.");
  });
});
