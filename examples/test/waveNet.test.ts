import { parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, it } from "vitest";
import { fused, parameters, runs, shapes } from "../11-wavenet/lesson.ts";

describe("lesson 11: WaveNet", () => {
  it("has the lecture's 76,579 parameters, and a flat model of about as many beside it", () => {
    expect(parameters.waveNet).toBe(76_579);
    expect(Math.abs(parameters.flat / parameters.waveNet - 1)).toBeLessThan(0.002);
  });

  it("halves the window at each layer", () => {
    expect(shapes).toEqual([
      ["layers.0.hidden", [4, 4, 128]],
      ["layers.1.hidden", [4, 2, 128]],
      ["layers.2.hidden", [4, 1, 128]],
      ["logits", [4, 27]],
    ]);
  });

  it("puts neighbours side by side by a reshape", () => {
    expect(fused.reshaped).toEqual(fused.sideBySide);
    expect(fused.reshaped).toHaveLength(96);
  });

  it("learns, both of them", () => {
    // From ln 27 = 3.296 to near the bigram table's 2.418 (lesson 1). The flat model's loss in use would say nothing yet: its running
    // statistics follow a batch by a thousandth, as the lecture's do, and 300 steps have not brought them there.
    for (const { losses, plot } of Object.values(runs)) {
      expect(losses.slice(-50).reduce((sum, loss) => sum + loss / 50, 0)).toBeLessThan(2.6);
      expect(parseXml(plot).name).toBe("svg");
    }
    expect(runs.waveNet.validation).toBeLessThan(2.6);
  });
});
