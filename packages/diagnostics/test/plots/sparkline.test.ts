import { sparkline } from "@llm-learning/diagnostics";
import { describe, expect, test } from "vitest";

describe("sparkline", () => {
  test("draws the least value as the lowest block and the greatest as the highest", () => {
    expect(sparkline([1, 2, 3, 4, 5, 6, 7, 8])).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([-1, 1])).toBe("▁█");
  });

  test("averages a long series in equal parts", () => {
    // Means 1, 3 and 5: the middle one is half way, the fifth of eight blocks.
    expect(sparkline([0, 2, 2, 4, 4, 6], { width: 3 })).toBe("▁▅█");
  });

  test("draws a constant series in the middle, and nothing for no values", () => {
    expect(sparkline([3, 3, 3])).toBe("▄▄▄");
    expect(sparkline([])).toBe("");
  });

  test("shows values that are no numbers for what they are, even in the mean of many", () => {
    expect(sparkline([0, NaN, Infinity, -Infinity, 1])).toBe("▁×↑↓█");
    expect(sparkline([0, 1, 2, NaN], { width: 2 })).toBe("▄×");
    expect(sparkline([NaN, NaN])).toBe("××");
  });

  test("keeps to given bounds, so that two lines can be compared", () => {
    expect(sparkline([-5, 0.5, 5], { min: 0, max: 1 })).toBe("▁▅█");
  });

  test("refuses widths and bounds that mean nothing", () => {
    expect(() => sparkline([1], { width: 0 })).toThrow("sparkline: expected a width of at least 1 character, got 0");
    expect(() => sparkline([1], { max: NaN })).toThrow("sparkline: expected finite bounds, got min 1 and max NaN");
  });
});
