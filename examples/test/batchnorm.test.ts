import "@llm-learning/testing/toBeAllclose";
import { describe, expect, it } from "vitest";
import { numbers } from "../evaluate.ts";
import { hint, refusal, runningMeans, trueMeans, values } from "../08-batchnorm/lesson.ts";

describe("lesson 8: batch normalization", () => {
  it("is the library's, written by hand", () => {
    // Two ways to the same numbers near 1, in float32.
    expect(numbers(values.byHand)).toBeAllclose(numbers(values.byLayer), { atol: 1e-6 });
    expect(numbers(values.means)).toBeAllclose(
      Array.from({ length: 8 }, () => 0),
      { atol: 1e-6 },
    );
    // eps moves a variance of about 10 by 1e-6 of itself.
    expect(numbers(values.variances)).toBeAllclose(
      Array.from({ length: 8 }, () => 1),
      { atol: 1e-5 },
    );
  });

  it("takes a bias before it away", () => {
    // The bias is about 10 in size: what float32 loses there is 10 * 2^-23 in each step.
    expect(numbers(values.withBias)).toBeAllclose(numbers(values.byHand), { atol: 1e-5 });
  });

  it("makes something else of an example in another batch", () => {
    const elsewhere = numbers(values.elsewhere);
    expect(Math.max(...numbers(values.here).map((value, i) => Math.abs(value - elsewhere[i])))).toBeGreaterThan(0.1);
  });

  it("follows the mean of the data with running statistics", () => {
    // A batch's mean of a neuron has a standard error of about 3 * sqrt(1/3) / sqrt(32) = 0.31, and with momentum 0.1 the running
    // mean averages about 19 batches: 0.07. Five times that.
    expect(runningMeans).toBeAllclose(trueMeans, { atol: 0.35 });
  });

  it("refuses a batch of one, and points out a bias", () => {
    expect(refusal).toMatch(
      /^BatchNorm.forward: expected more than one value for each channel in training, got \[1, 8\]/,
    );
    expect(hint).toMatch(/^BatchNorm.forward: expected a layer without bias before it, got one with bias \[8\]/);
  });
});
