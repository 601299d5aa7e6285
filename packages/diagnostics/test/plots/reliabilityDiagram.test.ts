import { reliabilityDiagram } from "@llm-learning/diagnostics";
import { descendants, parseXml } from "@llm-learning/testing/parseXml";
import { expect, test } from "vitest";

test("reliabilityDiagram draws accuracy against mean confidence, and gives the calibration error", () => {
  // Two parts: confidences 0.2 and 0.4 (mean 0.3), one of two right; 0.9, not right.
  const data = { confidence: [0.2, 0.4, 0.9], correct: [1, 0, 0] };
  const svg = reliabilityDiagram(data, { bins: 2, width: 1032 });
  const texts = descendants(parseXml(svg), "text").map(({ text }) => text);
  // 2/3 * |0.5 - 0.3| + 1/3 * |0 - 0.9| = 0.4333
  expect(texts).toContain("Expected calibration error 43.3 % over 3 predictions.");
  const dots = descendants(parseXml(svg), "circle").map(({ attributes: { cy } }) => Number(cy));
  // 0.5 and 0 of an area of 380 pixels from 26 on; the first circle belongs to the legend.
  expect(dots.slice(1)).toEqual([216, 406]);
});

test("reliabilityDiagram says what it wants", () => {
  expect(() => reliabilityDiagram({ confidence: [0.5], correct: [] })).toThrow(
    "reliabilityDiagram: expected an outcome for each of at least one prediction, got 1 confidences and 0 outcomes",
  );
  expect(() => reliabilityDiagram({ confidence: [1.5], correct: [true] })).toThrow(
    "reliabilityDiagram: expected confidences from 0 to 1, got 1.5",
  );
  expect(() => reliabilityDiagram({ confidence: [1], correct: [true] }, { bins: 1 })).toThrow("expected 2 to 50 bins");
});
