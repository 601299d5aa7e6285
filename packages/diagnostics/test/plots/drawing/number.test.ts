import { expect, test } from "vitest";
import { formatCount, formatNumber, formatPercent, formatPowerOfTen } from "../../../src/plots/drawing/number.ts";

test("numbers have few digits, a true minus sign, and names for what is no number", () => {
  const values = [2.4540145, -0.01, 8.2e-5, 12_345, 1234.5, 1e12, 0, NaN, Infinity, -Infinity];
  expect(values.map((value) => formatNumber(value))).toEqual([
    "2.454",
    "−0.01",
    "8.2e−5",
    "12,345",
    "1,235",
    "1e12",
    "0",
    "NaN",
    "∞",
    "−∞",
  ]);
  expect(formatNumber(0.0123456, 3)).toBe("0.0123");
});

test("shares, counts and powers read as a sentence would have them", () => {
  expect([0.0278, 1, 0, 0.12345].map(formatPercent)).toEqual(["2.78 %", "100 %", "0 %", "12.3 %"]);
  expect([formatCount(1, "loss", "losses"), formatCount(1200, "value")]).toEqual(["1 loss", "1,200 values"]);
  expect([-3, 0, 12].map(formatPowerOfTen)).toEqual(["10⁻³", "10⁰", "10¹²"]);
});
