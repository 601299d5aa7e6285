// Worked examples of the plots that are made of lines.
import {
  activationDistribution,
  gradientNormCurve,
  learningRateFinder,
  learningRateSchedule,
  updateRatio,
  weightGradientDistribution,
} from "@llm-learning/diagnostics";
import { descendants, parseXml } from "@llm-learning/testing/parseXml";
import { describe, expect, test } from "vitest";

const texts = (svg: string) => descendants(parseXml(svg), "text").map(({ text }) => text);
const tooltips = (svg: string) => descendants(parseXml(svg), "title").map(({ text }) => text);
/** The points of the lines with this name; those with means are drawn first thin, then averaged. */
const points = (svg: string, label: string) =>
  descendants(parseXml(svg), "path")
    .filter(({ children }) => children.some(({ name, text }) => name === "title" && text === label))
    .map(({ attributes: { d } }) =>
      d
        .slice(1)
        .split("L")
        .map((point) => point.split(",").map(Number)),
    );

describe("updateRatio", () => {
  test("draws log10 of the ratio against a line at -3", () => {
    const svg = updateRatio([{ label: "weight", values: [1e-4, 1e-3, 1e-2] }], { width: 1032 });
    const [line] = points(svg, "weight");
    // The axis spans -4 to -2 over 420 pixels from 26 on.
    expect(line.map(([, y]) => y)).toEqual([446, 236, 26]);
    expect(svg).toMatch(/M\d+ 236H/);
    expect(texts(svg)).toEqual(expect.arrayContaining(["−3", "log10 of update:data", "−2", "last"]));
  });

  test("marks a parameter that does not move, whose ratio has no logarithm", () => {
    const svg = updateRatio([{ label: "frozen", values: [1e-3, 0, 1e-3] }]);
    expect(texts(svg)).toContain("× frozen: 1 value is no finite number; the first, −∞, at step 1.");
  });

  test("shows some of many, and says so", () => {
    const many = Array.from({ length: 76 }, (_, i) => ({ label: `p${i}`, values: [1e-3] }));
    const shown = texts(updateRatio(many, { limit: 4 }));
    expect(shown.filter((text) => /^p\d/.test(text))).toEqual(["p0", "p25", "p50", "p75"]);
    expect(shown).toContain("4 of 76 are shown, evenly chosen.");
    expect(() => updateRatio(many, { limit: 31 })).toThrow("updateRatio: expected a limit from 1 to 30 lines, got 31");
    expect(() => updateRatio([])).toThrow("updateRatio: expected at least one series, got none");
  });

  test("tells neighbours apart by dashes as well as by colours", () => {
    const svg = updateRatio(
      Array.from({ length: 30 }, (_, i) => ({ label: `p${i}`, values: [1, 2] })),
      { limit: 30 },
    );
    const looks = descendants(parseXml(svg), "g")
      .filter(({ attributes, children }) => /^s\d$/.test(attributes.class ?? "") && children[0]?.children.length === 1)
      .map(
        ({ attributes, children }) => `${attributes.class} ${children[0].attributes["stroke-dasharray"] ?? "solid"}`,
      );
    expect(new Set(looks).size).toBe(30);
  });
});

describe("activationDistribution", () => {
  test("draws count / (total * width of the bin) at the middle of each bin", () => {
    // 1 of 4 in [-1, 0) and 3 of 4 in [0, 0.5): densities 0.25 and 1.5.
    const histogram = { edges: [-1, 0, 0.5], counts: [1, 3] };
    const layer = { label: "tanh", histogram, mean: 0.1, std: 0.65, saturated: 0.0278 };
    const svg = activationDistribution([layer], { width: 1032 });
    const [[[x0, y0], [x1, y1]]] = points(svg, "tanh");
    // y spans 0.2 to 1.6, the extent of the data rounded outwards: 1.4 are 420 pixels.
    expect([y0, y1]).toEqual([446 - (0.05 / 1.4) * 420, 446 - (1.3 / 1.4) * 420].map((y) => Math.round(y * 10) / 10));
    // x spans -1 to 0.5; the middles are -0.5 and 0.25, half of the span apart.
    const [, left, right] = /M(\d+) 446H(\d+)/.exec(svg) ?? [];
    expect(x1 - x0).toBeCloseTo((Number(right) - Number(left)) / 2, 0);
    expect(texts(svg)).toEqual(expect.arrayContaining(["tanh", "0.1", "0.65", "2.78 %"]));
  });

  test("refuses histograms that are none", () => {
    const draw = (edges: number[], counts: number[]) => {
      return () => activationDistribution([{ label: "h", histogram: { edges, counts }, mean: 0, std: 1 }]);
    };
    expect(draw([0, 1], [])).toThrow(
      "activationDistribution: h: expected at least one count and one edge more than counts, got 2 edges and 0 counts",
    );
    expect(draw([1, 1], [1])).toThrow("expected finite, rising edges, got 1 before 1");
    expect(draw([0, Infinity], [1])).toThrow("expected finite, rising edges, got 0 before Infinity");
    expect(draw([0, 1], [-1])).toThrow("expected counts of at least 0, got -1");
  });
});

test("weightGradientDistribution lists grad:data", () => {
  const histogram = { edges: [-1, 0, 1], counts: [1, 1] };
  const svg = weightGradientDistribution([{ label: "w", histogram, mean: 0, std: 0.01, gradientToData: 0.0512 }]);
  expect(texts(svg)).toEqual(expect.arrayContaining(["grad:data", "0.0512"]));
});

describe("learningRateFinder", () => {
  const learningRates = [1e-3, 1e-2, 1e-1, 1];

  test("marks the suggested rate on a logarithmic axis", () => {
    const svg = learningRateFinder({ learningRates, losses: [3, 2.5, 2, 2.9], suggested: 0.1 }, { width: 1032 });
    const [[first, second, third]] = points(svg, "loss");
    expect(second[0] - first[0]).toBeCloseTo(third[0] - second[0], 0);
    expect(texts(svg)).toEqual(expect.arrayContaining(["suggested 0.1", "10⁻³", "10⁰", "learning rate", "loss, nats"]));
  });

  test("cuts an explosion at the top and counts it", () => {
    // The least loss, 2, is 1 below the first: the axis ends 1 above it.
    const svg = learningRateFinder({ learningRates, losses: [3, 2, 50, NaN] });
    expect(texts(svg)).toContain("1 loss lies above the upper edge, 4.");
    expect(texts(svg)).toContain("× loss: 1 value is no finite number; the first, NaN, at learning rate 1.");
  });

  test("averages a long sweep", () => {
    const losses = Array.from({ length: 200 }, (_, i) => 2 + (i % 2));
    const svg = learningRateFinder({ learningRates: losses.map((_, i) => 10 ** (-3 + i / 100)), losses });
    // 11 losses around each, of which 5 or 6 are 3: within 2.4 and 2.6, while the losses span 2 to 3.
    const [smoothed] = points(svg, "smoothed");
    const inner = smoothed.slice(20, -20).map(([, y]) => y);
    const [low, high] = [Math.min(...inner), Math.max(...inner)];
    const [raw] = points(svg, "loss");
    const span = Math.max(...raw.map(([, y]) => y)) - Math.min(...raw.map(([, y]) => y));
    expect(high - low).toBeLessThan(0.15 * span);
  });

  test("says what it wants", () => {
    expect(() => learningRateFinder({ learningRates, losses: [1] })).toThrow(
      "learningRateFinder: expected a loss for each of at least one learning rate, got 4 rates and 1 losses",
    );
    expect(() => learningRateFinder({ learningRates: [0], losses: [1] })).toThrow(
      "learningRateFinder: expected learning rates above 0, got 0",
    );
    expect(() => gradientNormCurve({ values: [1] }, { clip: 0 })).toThrow(
      "gradientNormCurve: expected a norm above 0 to clip to, got 0",
    );
  });
});

test("gradientNormCurve shows where gradients are clipped, on a logarithmic axis", () => {
  const svg = gradientNormCurve({ values: [0.01, 1, 0, 100] }, { clip: 1 });
  expect(texts(svg)).toEqual(expect.arrayContaining(["clipped to 1", "10⁻²", "10²"]));
  expect(texts(svg)).toContain("× gradient norm: 1 value is no positive finite number; the first, 0, at step 2.");
});

test("learningRateSchedule begins at 0, and tells its values under the pointer", () => {
  const svg = learningRateSchedule({ steps: [0, 50, 100], values: [5e-4, 1e-3, 7.5e-4] });
  expect(texts(svg)).toContain("0.0000");
  expect(tooltips(svg)).toEqual(expect.arrayContaining(["step 50\nlearning rate: 0.001"]));
});
