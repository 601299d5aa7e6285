import { describe, expect, it } from "vitest";
import { book, trainWidth } from "./widthCheck.ts";

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

it("keeps the best rate within a factor of 2 from a width of 32 to 128, where it would fall to a quarter or less", async () => {
  const corpus = await book();
  const rates = [0.001, 0.002, 0.004, 0.008, 0.016];
  const bestRate = async (width: number, baseWidth?: number): Promise<number> => {
    const losses: number[] = [];
    for (const learningRate of rates) {
      const changes = { optimizer: "adamw", learningRate, ...(baseWidth !== undefined && { baseWidth }) } as const;
      losses.push((await trainWidth(width, 100, changes, { corpus, warmupSteps: 10 })).loss);
    }
    console.log(`width ${width}, base ${baseWidth ?? "none"}: ${losses.map((loss) => loss.toFixed(3)).join(" ")}`);
    return rates[losses.indexOf(Math.min(...losses))];
  };
  const [narrow, middle, wide] = [await bestRate(32, 32), await bestRate(64, 32), await bestRate(128, 32)];
  expect(Math.max(narrow, middle, wide) / Math.min(narrow, middle, wide)).toBeLessThanOrEqual(2);
  expect(await bestRate(128)).toBeLessThanOrEqual(narrow / 4);
});
