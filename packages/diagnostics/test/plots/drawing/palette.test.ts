import { plotTheme } from "@llm-learning/diagnostics";
import { describe, expect, test } from "vitest";

/** Dichromatic vision, severity 1, on linear RGB: Machado, Oliveira and Fernandes 2009, table of the paper's page. */
const visions: Record<string, number[][]> = {
  everyone: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

describe.each(["light", "dark"] as const)("the colours for a %s background", (scheme) => {
  const colors = new Map(
    plotTheme(scheme)
      .split(";")
      .map((declaration) => declaration.split(":") as [string, string]),
  );
  const color = (name: string) => linear(colors.get(`--plot-${name}`) ?? "");
  const paper = color("paper");
  const series = Array.from({ length: 6 }, (_, i) => color(`series-${i}`));
  const heat = Array.from({ length: 16 }, (_, i) => color(`heat-${i}`));

  test("of lines have a contrast of at least 3:1 with it, as WCAG 2.2 asks of graphics", () => {
    for (const each of series) expect(contrast(each, paper)).toBeGreaterThanOrEqual(3);
  });

  test("of text have a contrast of at least 4.5:1 with it, on cells of a heat map too", () => {
    for (const name of ["ink", "muted"]) expect(contrast(color(name), paper)).toBeGreaterThanOrEqual(4.5);
    heat.forEach((cell, level) => {
      expect(contrast(cell, level < 8 ? color("ink") : paper), `level ${level}`).toBeGreaterThanOrEqual(4.5);
    });
  });

  test("of a heat map move away from it step by step", () => {
    const contrasts = heat.map((cell) => contrast(cell, paper));
    expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
  });

  test.each(Object.keys(visions))("of lines differ for %s", (vision) => {
    const seen = series.map((each) => oklab(visions[vision].map((row) => Math.min(Math.max(dot(row, each), 0), 1))));
    const distances = seen.flatMap((a, i) => seen.slice(i + 1).map((b) => Math.hypot(...a.map((x, k) => x - b[k]))));
    // 0.02 is about what an eye just tells apart in OKLab.
    expect(Math.min(...distances)).toBeGreaterThan(0.1);
  });
});

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** Contrast of WCAG: (L1 + 0.05) / (L2 + 0.05) of relative luminances. */
function contrast(a: number[], b: number[]): number {
  const [bright, dark] = [a, b].map((rgb) => dot([0.2126, 0.7152, 0.0722], rgb) + 0.05).sort((x, y) => y - x);
  return bright / dark;
}

/** Björn Ottosson's OKLab, https://bottosson.github.io/posts/oklab/ */
function oklab(rgb: number[]): number[] {
  const cones = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(dot(row, rgb)));
  return [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ].map((row) => dot(row, cones));
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
