import { keepMinP, keepTopK, keepTopP, tokenProbabilities } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe("filters", () => {
  const none = -Infinity;

  it("keep exactly k, of equal ones at the border the first", () => {
    expect([...keepTopK(floats(2, 1, 2, 3, 2), 3)]).toEqual([2, none, 2, 3, none]);
    expect([...keepTopK(floats(1, 1, 1), 2)]).toEqual([1, 1, none]);
    expect([...keepTopK(floats(1, 2), 5)]).toEqual([1, 2]);
  });

  it("keep the nucleus: the fewest tokens that have the probability together", () => {
    // Probabilities 1/2, 1/4, 1/8, 1/8: exact in binary, up to the roundings of log and exp.
    const logits = floats(Math.log(4), Math.log(8), Math.log(2), Math.log(2));
    const kept = (p: number) => [...keepTopP(logits, p)].map((logit) => logit > none);
    expect(kept(0.01)).toEqual([false, true, false, false]);
    expect(kept(0.49)).toEqual([false, true, false, false]);
    expect(kept(0.51)).toEqual([true, true, false, false]);
    expect(kept(0.8)).toEqual([true, true, true, false]);
    expect(kept(1)).toEqual([true, true, true, true]);
  });

  it("keep the largest k of any numbers, as sorting all of them would", () => {
    const numbers = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 60 }), (values, k) => {
        const logits = floats(...values);
        const order = [...logits.keys()].sort((a, b) =>
          logits[b] > logits[a] ? 1 : logits[b] < logits[a] ? -1 : a - b,
        );
        const best = new Set(order.slice(0, k));
        expect([...keepTopK(logits, k)]).toEqual([...logits].map((logit, i) => (best.has(i) ? logit : none)));
      }),
    );
  });

  it("keep the nucleus of any distribution, sharp or flat, as sorting all of it would", () => {
    const spread = fc.constantFrom(0, 0.1, 3, 40, 2000);
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 });
    const shares = fc.oneof(
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.constantFrom(0.5, 0.9, 1 - 2 ** -30, 1 - 2 ** -53, 1),
    );
    fc.assert(
      fc.property(numbers, spread, shares, (values, scale, p) => {
        const logits = Float32Array.from(values, (value) => scale * value);
        const probabilities = tokenProbabilities(logits);
        const order = [...logits.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
        let count = 0;
        for (let sum = 0; count < order.length && sum < p; count++) sum += probabilities[order[count]];
        const best = new Set(order.slice(0, count));
        const kept = keepTopP(logits, p);
        // What has no part in the sum, by rounding, may be missing where all of it does not make p.
        if (count < order.length)
          expect([...kept]).toEqual([...logits].map((logit, i) => (best.has(i) ? logit : none)));
        else
          expect([...kept.keys()].every((i) => kept[i] > none || probabilities[i] <= (1 - p) / logits.length)).toBe(
            true,
          );
      }),
      { numRuns: 500 },
    );
  });

  it("keep tokens that are not much less probable than the best", () => {
    // Probabilities 1/4, 1/2, 1/8, 1/8: relative to the best 1/2, 1, 1/4, 1/4.
    const logits = floats(Math.log(4), Math.log(8), Math.log(2), Math.log(2));
    const kept = (p: number, temperature?: number) =>
      [...keepMinP(logits, p, temperature)].map((logit) => logit > none);
    expect(kept(0)).toEqual([true, true, true, true]);
    expect(kept(0.24)).toEqual([true, true, true, true]);
    expect(kept(0.26)).toEqual([true, true, false, false]);
    expect(kept(0.51)).toEqual([false, true, false, false]);
    expect(kept(1)).toEqual([false, true, false, false]);
    // Temperature 2 takes the roots of these: 0.707, 1, 0.5, 0.5.
    expect(kept(0.51, 2)).toEqual([true, true, false, false]);
    expect([...keepMinP(floats(3, none, 3), 1)]).toEqual([3, none, 3]);
  });

  it("do not change what they are given", () => {
    const logits = floats(1, 2, 3);
    keepTopK(logits, 1);
    keepTopP(logits, 0.1);
    keepMinP(logits, 0.9);
    expect([...logits]).toEqual([1, 2, 3]);
  });
});
