import { fitWeights, interpolated, NGramCounts } from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, test } from "vitest";

// The text "a b a b c".
const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });

test("mixes the relative frequencies of all lengths", () => {
  const model = interpolated(counts, [0.1, 0.3, 0.6]);
  expect(model.distribution([1])).toBeAllclose(
    [0.1 / 3 + 0.3 * (2 / 5) + 0.6 / 2, 0.1 / 3 + 0.3 * (2 / 5), 0.1 / 3 + 0.3 / 5 + 0.6 / 2],
    { rtol: 1e-14 },
  );
  expect(model.name).toBe("interpolated bigram");
});

test("scales the other weights up where a context never came", () => {
  // Nothing follows c: of the weights 0.1, 0.3 and 0.6, the first two are left.
  const model = interpolated(counts, [0.1, 0.3, 0.6]);
  expect(model.distribution([2])).toBeAllclose(
    [2, 2, 1].map((count) => (0.1 / 3 + (0.3 * count) / 5) / 0.4),
    {
      rtol: 1e-14,
    },
  );
});

test("with everything on one length is that length's relative frequencies", () => {
  expect(interpolated(counts, [1, 0, 0]).distribution([1])).toBeAllclose([1 / 3, 1 / 3, 1 / 3], { rtol: 1e-15 });
  expect(interpolated(counts, [0, 1, 0]).distribution([1])).toBeAllclose([2 / 5, 2 / 5, 1 / 5], { rtol: 1e-15 });
  expect(interpolated(counts, [0, 0, 1]).distribution([1])).toBeAllclose([1 / 2, 0, 1 / 2], { rtol: 1e-15 });
});

test("weights that are no mixture are refused", () => {
  expect(() => interpolated(counts, [0.5, 0.5])).toThrow(
    new RangeError("interpolated: expected 3 weights >= 0 with sum 1 (uniform, unigram, ...), got [0.5, 0.5]"),
  );
  expect(() => interpolated(counts, [0.5, 0.6, -0.1])).toThrow(RangeError);
  expect(() => interpolated(counts, [0.5, 0.2, 0.2])).toThrow(RangeError);
  expect(() => interpolated(counts, [Number.NaN, 0.5, 0.5])).toThrow(RangeError);
});

describe("fitWeights", () => {
  // A text of two halves that look alike, so that held-out text says something.
  const ids = Array.from({ length: 400 }, (_, i) => [0, 1, 2, 0, 1, 3, 2, 2][(i * i + 3 * i) % 8]);
  const counts = NGramCounts.from(ids.slice(0, 200), { order: 3, vocabSize: 4 });
  const heldOut = [...ids.slice(200), 3, 3, 0, 3, 1];

  test("finds weights that no small step improves", () => {
    const weights = fitWeights(counts, heldOut, { tolerance: 1e-12, maxRounds: 5000 });
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    const loss = interpolated(counts, weights).evaluate(heldOut).averageNll;
    for (let from = 0; from < 4; from++) {
      for (let to = 0; to < 4; to++) {
        const moved = [...weights];
        const step = Math.min(0.01, moved[from]);
        moved[from] -= step;
        moved[to] += step;
        // What EM leaves undone when rounds change the loss by 1e-12.
        expect(interpolated(counts, moved).evaluate(heldOut).averageNll).toBeGreaterThanOrEqual(loss - 1e-8);
      }
    }
  });

  test("gives the longest grams nearly everything on the text that was counted", () => {
    expect(fitWeights(counts, ids.slice(0, 200))[3]).toBeGreaterThan(0.9);
  });

  test("refuses a text that is empty or out of range", () => {
    expect(() => fitWeights(counts, [])).toThrow(
      new RangeError("fitWeights: expected at least one held-out token, got none"),
    );
    expect(() => fitWeights(counts, [0, 4])).toThrow("fitWeights: expected ids from 0 to 3, got 4 at position 1");
  });

  test("refuses options under which it would end with a guess", () => {
    expect(() => fitWeights(counts, heldOut, { maxRounds: 0 })).toThrow(
      new RangeError("fitWeights: expected maxRounds to be an integer >= 1, got 0"),
    );
    expect(() => fitWeights(counts, heldOut, { maxRounds: Number.NaN })).toThrow("got NaN");
    expect(() => fitWeights(counts, heldOut, { tolerance: Number.NaN })).toThrow(
      new RangeError("fitWeights: expected tolerance >= 0, got NaN"),
    );
  });
});

test("weights that were fitted make nothing impossible, even where the held-out text never needed the uniform distribution", () => {
  const counts = NGramCounts.from([0, 4, 0, 0, 2, 0], { order: 3, vocabSize: 5 });
  const weights = fitWeights(counts, [0, 1, 2, 3, 4, 0, 0]);
  expect(weights.every((weight) => weight > 0)).toBe(true);
  expect(
    interpolated(counts, weights)
      .distribution([0, 4])
      .every((probability) => probability > 0),
  ).toBe(true);
});
