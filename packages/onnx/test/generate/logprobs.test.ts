import { mostProbable } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("the most probable tokens", () => {
  it("are the best, of equal ones the first, as sorting all would find them", () => {
    const numbers = fc.array(fc.integer({ min: -9, max: 0 }), { maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 20 }), (values, count) => {
        const all = values.map((logprob, token) => ({ token, logprob }));
        const sorted = all.sort((a, b) => b.logprob - a.logprob || a.token - b.token);
        expect(mostProbable(Float64Array.from(values), count)).toEqual(sorted.slice(0, count));
      }),
    );
  });
});
