import type { StatisticsRecord } from "@llm-learning/diagnostics";
import { describe, expect, it } from "vitest";
import { LossTrend } from "../../src/terminal/lossTrend.ts";

describe("LossTrend", () => {
  it("draws a line for each series that has values", () => {
    const trend = new LossTrend();
    for (const [step, trainLoss] of [8, 7, 6, 5, 4, 3, 2, 1].entries()) {
      trend.add({ trainLoss, ...(step % 4 === 0 && { valLoss: trainLoss + 1 }) });
    }
    expect(trend.lines(80)).toEqual([
      `train loss   ${"█▇▆▅▄▃▂▁".padEnd(48)} 1.000`,
      `val loss     ${"█▁".padEnd(48)} 5.000`,
    ]);
    const records = [null, 1e-2, 1e-3, 1e-4].map((updateToData) => ({ updateToData })) as StatisticsRecord[];
    trend.addUpdates({ step: 1, records });
    expect(trend.lines(80)[2]).toBe(`update:data  ${"▄".padEnd(48)} -3.000`);
  });

  it("is no wider than the terminal", () => {
    const trend = new LossTrend();
    for (let i = 0; i < 100; i++) trend.add({ trainLoss: 10 - i / 10 });
    for (const columns of [40, 60, 200]) expect(trend.lines(columns)[0].length).toBeLessThanOrEqual(columns);
  });

  it("holds a long run in little memory: its course stays as it was", () => {
    const trend = new LossTrend();
    for (let i = 0; i < 100_000; i++) trend.add({ trainLoss: 100_000 - i });
    expect(trend.lines(40)[0]).toMatch(/^train loss {3}█▇▆▅▄▃▂▁ 1.000$/);
  });
});
