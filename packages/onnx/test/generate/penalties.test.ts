import { penalizeFrequency, penalizeRepetition } from "@llm-learning/onnx";
import { describe, expect, it } from "vitest";

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe("the repetition penalty", () => {
  it("divides positive and multiplies negative logits of tokens that were there, each once", () => {
    const logits = floats(4, -4, 4, 0, -Infinity);
    expect([...penalizeRepetition(logits, new Set([0, 1, 3, 4]), 2)]).toEqual([2, -8, 4, 0, -Infinity]);
    expect([...penalizeRepetition(logits, new Set([0, 1]), 0.5)]).toEqual([8, -2, 4, 0, -Infinity]);
    expect([...logits]).toEqual([4, -4, 4, 0, -Infinity]);
  });

  it("leaves numbers numbers, however large or small it is", () => {
    for (const penalty of [1e-300, 1e300, 5e-324]) {
      const penalized = penalizeRepetition(floats(4, -4, 1e-45, 0), new Set([0, 1, 2, 3]), penalty);
      expect(penalized.every(Number.isFinite)).toBe(true);
    }
  });

  it("is for tokens of the model", () => {
    expect(() => penalizeRepetition(floats(1, 2), new Set([2]), 2)).toThrow(
      "penalizeRepetition: expected ids from 0 to 1, got 2 in seen",
    );
  });
});

describe("frequency and presence penalties", () => {
  it("are taken off for each time, and once", () => {
    const counts = new Map([
      [0, 1],
      [2, 3],
    ]);
    expect([...penalizeFrequency(floats(1, 1, 1), counts, { frequency: 0.5 })]).toEqual([0.5, 1, -0.5]);
    expect([...penalizeFrequency(floats(1, 1, 1), counts, { presence: 0.5 })]).toEqual([0.5, 1, 0.5]);
    expect([...penalizeFrequency(floats(1, 1, 1), counts, { frequency: -2, presence: 1 })]).toEqual([2, 1, 6]);
    expect([...penalizeFrequency(floats(1, 1, -Infinity), counts, { frequency: -2 })]).toEqual([3, 1, -Infinity]);
  });

  it("are for tokens of the model", () => {
    expect(() => penalizeFrequency(floats(1, 2), new Map([[-1, 1]]), {})).toThrow(
      "penalizeFrequency: expected ids from 0 to 1, got -1 in counts",
    );
  });
});
