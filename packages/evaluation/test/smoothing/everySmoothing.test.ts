// What holds for every way of smoothing, on random texts.
import {
  absoluteDiscounting,
  addK,
  fitWeights,
  interpolated,
  katz,
  kneserNey,
  modifiedKneserNey,
  NGramCounts,
  type NGramModel,
} from "@llm-learning/evaluation";
import { Rng } from "@llm-learning/init";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const V = 5;

const smoothings: Record<string, (counts: NGramCounts) => NGramModel> = {
  addK: (counts) => addK(counts, 0.3),
  interpolated: (counts) => interpolated(counts, Array(counts.order + 1).fill(1 / (counts.order + 1))),
  fitted: (counts) => interpolated(counts, fitWeights(counts, [0, 1, 2, 3, 4, 0, 0])),
  absoluteDiscounting,
  "absoluteDiscounting by 1": (counts) => absoluteDiscounting(counts, { discount: 1 }),
  kneserNey,
  "kneserNey by 0.1": (counts) => kneserNey(counts, { discount: 0.1 }),
  modifiedKneserNey,
  katz,
  "katz up to 1": (counts) => katz(counts, { largestDiscounted: 1 }),
};

/** Counts of a text of 1 to 80 tokens, one text or documents, and a context that may never have come. */
const cases = fc
  .record({
    order: fc.integer({ min: 1, max: 4 }),
    // Few different tokens make contexts after which every token came, and counts far above 5.
    ids: fc.array(fc.oneof(fc.nat(V - 1), fc.nat(1), fc.constant(0)), { minLength: 4, maxLength: 80 }),
    boundary: fc.option(fc.nat(V - 1), { nil: undefined }),
    context: fc.array(fc.nat(V - 1), { maxLength: 5 }),
  })
  .map(({ context, ids, ...options }) => ({ context, counts: NGramCounts.from(ids, { ...options, vocabSize: V }) }));

describe.each(Object.entries(smoothings))("%s", (_, smooth) => {
  test("gives distributions: they add up to 1, no token is impossible, and each is what probability says", () => {
    fc.assert(
      fc.property(cases, ({ counts, context }) => {
        const model = smooth(counts);
        const distribution = model.distribution(context);
        const sum = distribution.reduce((sum, probability) => sum + probability, 0);
        // Some twenty roundings; Katz divides by what is left of 1, which is never below 1e-4 here.
        expect(Math.abs(sum - 1)).toBeLessThan(1e-11);
        for (let token = 0; token < V; token++) {
          expect(distribution[token]).toBeGreaterThan(0);
          expect(model.probability(context, token)).toBeCloseTo(distribution[token], 14);
        }
      }),
    );
  });

  test("is the same after counts were saved and read", () => {
    const counts = NGramCounts.from([0, 1, 2, 0, 1, 2, 3, 0, 0], { order: 3, vocabSize: V, boundary: 0 });
    const again = smooth(NGramCounts.fromBytes(counts.toBytes()));
    expect(again.tables).toEqual(smooth(counts).tables);
    expect(again.generate({ rng: new Rng(1), maxTokens: 30 })).toEqual(
      smooth(counts).generate({ rng: new Rng(1), maxTokens: 30 }),
    );
  });
});

test("counts and loss of an unsmoothed model agree: nothing it was counted from is impossible", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(V - 1), { minLength: 4, maxLength: 60 }), fc.option(fc.nat(V - 1)), (ids, boundary) => {
      const counts = NGramCounts.from(ids, { order: 3, vocabSize: V, boundary: boundary ?? undefined });
      expect(addK(counts, 0).evaluate(ids).impossible).toBe(0);
    }),
  );
});
