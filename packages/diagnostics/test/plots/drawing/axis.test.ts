import { describe, expect, test } from "vitest";
import { extent, layAxis } from "../../../src/plots/drawing/axis.ts";

const texts = (domain: [number, number], options: { type?: "linear" | "log"; count?: number } = {}) => {
  const { type = "linear", count = 5 } = options;
  return layAxis({ label: "", type }, domain, [0, 100], { count, nice: false }).ticks.map(({ text }) => text);
};

describe("layAxis", () => {
  test("places values between two pixels", () => {
    const { place, ticks } = layAxis({ label: "" }, [0, 10], [100, 0], { count: 2, nice: false });
    expect([place(0), place(2.5), place(10), place(NaN)]).toEqual([100, 75, 0, NaN]);
    expect(ticks.map(({ value, at }) => [value, at])).toEqual([
      [0, 100],
      [5, 50],
      [10, 0],
    ]);
  });

  test("writes ticks with equal decimals, a true minus sign and no rounding noise", () => {
    expect(texts([-1, 1])).toEqual(["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    expect(texts([0, 0.3], { count: 3 })).toEqual(["0.0", "0.1", "0.2", "0.3"]);
    expect(texts([0, 200_000], { count: 4 })).toEqual(["0", "50k", "100k", "150k", "200k"]);
    expect(texts([0, 2e6], { count: 4 })).toEqual(["0", "500k", "1M", "1.5M", "2M"]);
    expect(texts([0, 4e-7], { count: 4 })).toEqual(["0", "1e−7", "2e−7", "3e−7", "4e−7"]);
  });

  test("marks powers of ten on a logarithmic axis, and every tick of a short one", () => {
    expect(texts([1e-3, 1], { type: "log" }).filter((text) => text !== undefined)).toEqual([
      "10⁻³",
      "10⁻²",
      "10⁻¹",
      "10⁰",
    ]);
    expect(texts([1, 5], { type: "log" })).toEqual(["1", "2", "3", "4", "5"]);
    const log = layAxis({ label: "", type: "log" }, [1, 100], [0, 100], { count: 3, nice: false });
    expect([log.place(10), log.place(0), log.place(-1)]).toEqual([50, NaN, NaN]);
  });

  test("widens a domain of one value, and invents one for none", () => {
    const domain = (given?: [number, number]) =>
      layAxis({ label: "" }, given, [0, 1], { count: 2, nice: false }).domain;
    expect(domain([5, 5])).toEqual([4.5, 5.5]);
    expect(domain([0, 0])).toEqual([-1, 1]);
    expect(domain()).toEqual([0, 1]);
  });
});

describe("extent", () => {
  test("passes over what is no number, and over what has no logarithm", () => {
    expect(extent([[1, NaN, -3], [Infinity]])).toEqual([-3, 1]);
    expect(extent([[0, 2, -3, 8]], "log")).toEqual([2, 8]);
    expect(extent([[NaN], []])).toBeUndefined();
  });
});
