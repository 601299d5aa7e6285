import { histogram, quantiles } from "@llm-learning/diagnostics";
import { Rng } from "@llm-learning/init";
import { describe, expect, it } from "vitest";

describe("histogram", () => {
  it("counts an element on an edge in the bin above, and the greatest in the last", () => {
    expect(histogram([0, 1, 2, 3, 4], { bins: 2, min: 0, max: 4 })).toEqual({ counts: [2, 3], edges: [0, 2, 4] });
  });

  it("widens an empty range by a half, as numpy", () => {
    expect(histogram([3, 3], { bins: 2, min: 3, max: 3 })).toEqual({ counts: [0, 2], edges: [2.5, 3, 3.5] });
  });

  it("leaves out what lies outside of the range, and what is no number, as numpy", () => {
    const values = [-5, NaN, 0, 1, Infinity, 1e300, -Infinity];
    expect(histogram(values, { bins: 2, min: 0, max: 1 })).toEqual({ counts: [1, 1], edges: [0, 0.5, 1] });
  });

  it("lets the edges decide where a quotient rounds across one", () => {
    // Elements equal to the edges themselves, whose products with the number of bins are off by a last digit.
    const { edges } = histogram([], { bins: 49, min: 0.1, max: 0.7 });
    expect(histogram(edges.slice(0, -1), { bins: 49, min: 0.1, max: 0.7 }).counts).toEqual(new Array(49).fill(1));
  });

  it("refuses bins and ranges that mean nothing", () => {
    expect(() => histogram([], { bins: 0, min: 0, max: 1 })).toThrow("histogram: expected 1 to 65536 bins, got 0");
    expect(() => histogram([], { bins: 2, min: NaN, max: 1 })).toThrow(
      "histogram: expected a finite range, got NaN to 1",
    );
  });
});

describe("quantiles", () => {
  it("refuse an empty list, and a range that is none of the values'", () => {
    expect(() => quantiles(new Float32Array(0), { min: 0, max: 1 })).toThrow(
      new RangeError("quantiles: expected at least one value, got none"),
    );
    const range = "quantiles: expected a finite range that holds all values, got";
    expect(() => quantiles(new Float32Array(2), { min: NaN, max: 1 })).toThrow(new RangeError(`${range} NaN to 1`));
    expect(() => quantiles(Float32Array.of(0, 5), { min: 0, max: 1 })).toThrow(
      new RangeError(`${range} 0 to 1 and a value of 5`),
    );
    expect(() => quantiles(Float32Array.of(0, NaN), { min: 0, max: 1 })).toThrow("a value of NaN");
  });

  it("are those of the sorted values, however unevenly they lie", () => {
    const rng = new Rng(1);
    for (let trial = 0; trial < 20; trial++) {
      const values = Float32Array.from({ length: 1 + rng.integer(3000) }, () => rng.normal() ** (1 + (trial % 9)));
      const sorted = values.slice().sort();
      const { p01, p50, p99 } = quantiles(values, { min: sorted[0], max: sorted[sorted.length - 1] });
      for (const [level, value] of [
        [0.01, p01],
        [0.5, p50],
        [0.99, p99],
      ]) {
        const place = level * (sorted.length - 1);
        const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
        expect(value).toBeCloseTo(low + (high - low) * (place % 1), 10);
      }
    }
  });
});
