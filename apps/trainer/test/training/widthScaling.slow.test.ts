import { describe, expect, it } from "vitest";
import { trainWidth } from "./widthCheck.ts";

const widths = [64, 128, 256, 512];

describe.each([
  ["adamw", 3e-3],
  ["muon", 3e-3],
] as const)("scaling by width with %s", (optimizer, learningRate) => {
  it("keeps what ten steps change as large at every width from 64 to 512, which fixed rates do not", async () => {
    const changesOf = async (baseWidth?: number): Promise<number[]> => {
      const changes: number[] = [];
      for (const width of widths) {
        const run = await trainWidth(width, 10, {
          optimizer,
          learningRate,
          ...(baseWidth !== undefined && { baseWidth }),
        });
        changes.push(run.changes.residual);
      }
      return changes;
    };
    const level = await changesOf(64);
    expect(Math.max(...level) / Math.min(...level)).toBeLessThan(1.5);
    const fixed = await changesOf();
    expect(fixed[3] / fixed[0]).toBeGreaterThan(2);
  });
});
