import { argmax, drawIndex, logProbabilities } from "@llm-learning/onnx";
import { describe, expect, it } from "vitest";

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe("drawing", () => {
  it("takes the index on whose stretch of the unit interval the number falls", () => {
    const probabilities = Float64Array.of(0.25, 0, 0.5, 0.25);
    expect([0, 0.2, 0.25, 0.7, 0.75, 0.99].map((u) => drawIndex(probabilities, u))).toEqual([0, 0, 2, 2, 3, 3]);
  });

  it("takes no impossible index where rounding leaves the sum short of 1", () => {
    expect(drawIndex(Float64Array.of(0, 0.5, 0.4999999, 0), 0.99999999)).toBe(2);
  });

  it("finds the first largest value", () => {
    expect(argmax(floats(-1, 5, 5))).toBe(1);
    expect(argmax(floats(-Infinity, -Infinity))).toBe(0);
  });
});

describe("log-probabilities", () => {
  const sum = (logprobs: Float64Array) => logprobs.reduce((total, logprob) => total + Math.exp(logprob), 0);

  it("are those of a hand-worked example", () => {
    // exp(0), exp(0), exp(log 2): a quarter, a quarter, a half.
    const logits = floats(0, 0, Math.log(2));
    // log 2 is rounded to float32.
    expect(logProbabilities(logits)[0]).toBeCloseTo(Math.log(1 / 4), 7);
    expect(logProbabilities(logits)[2]).toBeCloseTo(Math.log(1 / 2), 7);
  });

  it("make 1 over a whole vocabulary, large logits and tokens that cannot be included", () => {
    const logits = Float32Array.from({ length: 50_000 }, (_, i) => 90 * Math.sin(i) + 1000);
    // 50,000 sums in double precision are off by far less.
    expect(sum(logProbabilities(logits))).toBeCloseTo(1, 10);
    expect(sum(logProbabilities(floats(-Infinity, 3, -Infinity)))).toBe(1);
    expect(logProbabilities(floats(-Infinity, 3))[0]).toBe(-Infinity);
  });

  it("are refused of a model that diverged", () => {
    expect(() => logProbabilities(floats(1, NaN))).toThrow("expected numbers, got NaN at index 1");
    expect(() => logProbabilities(floats(1, Infinity))).toThrow(
      "logProbabilities: expected a finite largest logit, got Infinity",
    );
  });
});
