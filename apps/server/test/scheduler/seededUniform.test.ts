import { describe, expect, it } from "vitest";
import { SeededUniform } from "../../src/scheduler/seededUniform.ts";

describe("a seeded source of chance", () => {
  it("gives the numbers of SplitMix64, as Rosetta Code has them", () => {
    const source = new SeededUniform(1234567);
    expect(Array.from({ length: 5 }, () => source.nextUint64())).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it("gives fractions that are spread evenly, as Rosetta Code counts them", () => {
    const source = new SeededUniform(987654321);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) counts[Math.floor(source.uniform() * 5)]++;
    expect(counts).toEqual([20027, 19892, 20073, 19978, 20030]);
  });

  it("takes every seed that a request may have", () => {
    for (const seed of [0, 1, 2 ** 53 - 1]) {
      const value = new SeededUniform(seed).uniform();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
    }
    expect(new SeededUniform(0).uniform()).not.toBe(new SeededUniform(1).uniform());
  });
});
