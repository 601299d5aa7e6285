import { readFileSync } from "node:fs";
import { clipScale, evaluateFloat64, globalNorm, graphOf, input } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface ClipCase {
  maxNorm: number;
  gradients: { shape: number[]; data: number[] }[];
  norm: number;
  clipped: number[][];
}

const path = new URL("../fixtures/optim/clip.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: ClipCase[] };

describe("globalNorm and clipScale do what torch.nn.utils.clip_grad_norm_ does", () => {
  it.each(cases.map((one) => [one.maxNorm, one] as const))("at a norm of at most %d", (maxNorm, one) => {
    const tensors = one.gradients.map(({ shape }, index) => input(`g${index}`, shape));
    const feeds = one.gradients.map(({ data }, index) => [`g${index}`, Float32Array.from(data)]);
    const { norm } = evaluateFloat64(graphOf({ norm: globalNorm(tensors) }), Object.fromEntries(feeds));
    expect(norm.data).toBeAllclose([one.norm], { rtol: 1e-14 });
    const scale = clipScale(norm.data[0], maxNorm);
    one.gradients.forEach(({ data }, index) => {
      // Expected values have 9 digits.
      expect(data.map((g) => g * scale)).toBeAllclose(one.clipped[index], { rtol: 1e-8 });
    });
  });
});

describe("clipScale", () => {
  it("leaves gradients within the norm alone, and all of them at Infinity", () => {
    expect(clipScale(0.5, 1)).toBe(1);
    expect(clipScale(0, 1)).toBe(1);
    expect(clipScale(1e30, Infinity)).toBe(1);
  });

  it.each([0, -1, Number.NaN])("refuses a maxNorm of %d", (maxNorm) => {
    expect(() => clipScale(1, maxNorm)).toThrow(new RangeError(`clipScale: expected maxNorm > 0, got ${maxNorm}`));
  });
});

it("globalNorm refuses no tensors", () => {
  expect(() => globalNorm([])).toThrow(new RangeError("globalNorm: expected at least one tensor, got none"));
});
