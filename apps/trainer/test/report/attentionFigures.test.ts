import type { StatisticsLine } from "@llm-learning/diagnostics";
import { describe, expect, it } from "vitest";
import { attentionFigures } from "../../src/report/attentionFigures.ts";

const line = (step: number, ...layers: unknown[]): StatisticsLine =>
  ({ step, records: layers.map((attention) => ({ attention })) }) as unknown as StatisticsLine;

describe("attentionFigures", () => {
  it("draw the mean entropy of all heads and the largest logit of all layers", () => {
    const figures = attentionFigures([
      line(0, null, { entropy: [1, 2], largestLogit: 0.5 }, { entropy: [3, null], largestLogit: 0.25 }),
      line(10, null, { entropy: [0.5, 1], largestLogit: 3 }, { entropy: [0.5, 2], largestLogit: 4.25 }),
      line(20, null),
    ]);
    expect(figures.map(({ name }) => name)).toEqual(["attention-entropy", "largest-attention-logit"]);
    const [entropy, logit] = figures.map(({ draw }) => draw(600));
    expect(entropy).toContain("entropy in nats over 2 logged steps, 1 at the end");
    expect(logit).toContain("largest score over 2 logged steps, 4.25 at the end");
  });

  it("are none where there is no attention, or nothing is known of it", () => {
    expect(attentionFigures([])).toEqual([]);
    expect(attentionFigures([line(0, null)])).toEqual([]);
    expect(attentionFigures([line(0, { entropy: [null], largestLogit: null })])).toEqual([]);
  });
});
