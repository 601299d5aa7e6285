import { lossCurve } from "@llm-learning/diagnostics";
import { descendants, parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, test } from "vitest";

const texts = (svg: string) => descendants(parseXml(svg), "text").map(({ text }) => text);
const lines = (svg: string) =>
  descendants(parseXml(svg), "path")
    .filter(({ children }) => children.some(({ name, text }) => name === "title" && /train|validation/.test(text)))
    .map(({ attributes, children }) => ({ label: children[0].text, d: attributes.d }));

describe("lossCurve", () => {
  test("draws log10 of the loss where it belongs", () => {
    // Losses 1, 10 and 100 are logs 0, 1 and 2, which the axis spans: 0 at the bottom and 2 at the top of an area of
    // 420 (the most) by 26 pixels. The axis at the left needs "0.0" in front: 3 characters of 11 pixels.
    const [{ label, d }] = lines(lossCurve({ train: { values: [1, 10, 100] } }, { width: 1032 }));
    expect(label).toBe("train");
    const [[x0, y0], [x1, y1], [x2, y2]] = d
      .slice(1)
      .split("L")
      .map((point) => point.split(",").map(Number));
    expect([y0, y1, y2]).toEqual([446, 236, 26]);
    expect(x1 - x0).toBeCloseTo(x2 - x1, 1);
  });

  test("gives the loss in nats at the right", () => {
    const shown = texts(lossCurve({ train: { values: [1, 10, 100] } }));
    expect(shown).toEqual(expect.arrayContaining(["log10 of the loss", "2.0", "loss, nats", "100", "step"]));
  });

  test("draws the mean of each 1000 logarithms, as the lectures do", () => {
    // Each thousand holds 500 losses of 1 and 500 of 100: the mean log is 1, not log10(50.5).
    const values = Float64Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 1 : 100));
    const [raw, mean] = lines(lossCurve({ train: { values } }, { width: 1032 }));
    expect(raw.label).toBe("train");
    expect(mean.label).toBe("train, mean of 1,000 steps");
    const points = mean.d
      .slice(1)
      .split("L")
      .map((point) => point.split(",").map(Number));
    expect(points.map(([, y]) => y)).toEqual(Array.from({ length: 20 }, () => 236));
  });

  test("averages shorter stretches of shorter runs, and none where few losses were logged", () => {
    const legend = (count: number, every: number) => {
      const steps = Array.from({ length: count }, (_, i) => i * every);
      return texts(lossCurve({ train: { steps, values: steps.map(() => 2) } })).filter((text) =>
        text.startsWith("train"),
      );
    };
    expect(legend(2000, 1)).toEqual(["train", "train, mean of 100 steps"]);
    expect(legend(200, 1)).toEqual(["train", "train, mean of 10 steps"]);
    expect(legend(199, 1)).toEqual(["train"]);
    expect(legend(50, 100)).toEqual(["train"]);
  });

  test("draws a baseline across, at its loss on either scale, and makes room for it", () => {
    const baselines = [{ label: "5-gram", loss: 10 }];
    for (const scale of ["log10", "linear"] as const) {
      const svg = lossCurve({ train: { values: [100, 90] }, baselines }, { scale });
      expect(texts(svg)).toContain("5-gram 10");
    }
  });

  test("keeps every peak of a long run", () => {
    const values = new Float64Array(100_000).fill(1);
    values[54_321] = 100;
    const svg = lossCurve({ train: { values } }, { width: 1032, window: 1 });
    expect(svg.length).toBeLessThan(60_000);
    expect(lines(svg)[0].d).toMatch(/,26L/);
  });

  test("shows NaN and infinity as gaps, marks and a note", () => {
    const svg = lossCurve({ train: { steps: [10, 20, 30, 40, 50], values: [3, NaN, 2, Infinity, 1] } });
    // Three runs of one point each.
    expect(lines(svg)[0].d.match(/M/g)).toHaveLength(3);
    expect(texts(svg)).toContain("× train: 2 values are no finite number; the first, NaN, at step 20.");
    expect(svg).not.toMatch(/="[^"]*(NaN|Infinity)/);
  });

  test("draws losses to compare with and steps worth a line, with their names apart", () => {
    const baselines = [
      { label: "4-gram", loss: 1.784 },
      { label: "5-gram", loss: 1.7704 },
    ];
    const marks = [{ label: "loss spike", step: 1 }];
    const svg = lossCurve({ train: { values: [3, 2, 1.8] }, baselines, marks });
    const named = descendants(parseXml(svg), "text").filter(({ attributes }) => attributes.class === "halo");
    expect(named.map(({ text }) => text)).toEqual(["4-gram 1.784", "5-gram 1.77", "loss spike"]);
    // The lines lie one pixel or two from each other, the names a line of 11 pixels at least.
    expect(Number(named[1].attributes.y) - Number(named[0].attributes.y)).toBeGreaterThanOrEqual(11);
  });

  test("tells of a baseline that is infinite", () => {
    const svg = lossCurve({ train: { values: [3] }, baselines: [{ label: "bigram, k = 0", loss: Infinity }] });
    expect(texts(svg)).toContain("bigram, k = 0 has no place here: ∞ nats.");
  });

  test("says what it wants", () => {
    expect(() => lossCurve({ train: { values: [] } })).toThrow("lossCurve: expected at least one value, got none");
    expect(() => lossCurve({ train: { values: [1], steps: [1, 2] } })).toThrow(
      "lossCurve: expected a step for each value, got 2 steps, 1 values",
    );
    expect(() => lossCurve({ train: { values: [1, 2], steps: [0, NaN] } })).toThrow(
      "lossCurve: expected finite steps, got NaN at 1",
    );
    expect(() => lossCurve({ train: { values: [1] } }, { window: 0 })).toThrow(
      "lossCurve: expected a window of at least 1 step, got 0",
    );
  });
});
