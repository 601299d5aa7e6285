import { addK, NGramCounts } from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { expect, test } from "vitest";

const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });

test("each count gets k more", () => {
  expect(addK(counts, 0).distribution([1])).toEqual(Float64Array.of(1 / 2, 0, 1 / 2));
  // What was not counted is a weight times 1/V: one rounding more.
  expect(addK(counts, 1).distribution([1])).toBeAllclose([2 / 5, 1 / 5, 2 / 5], { rtol: 1e-15 });
  expect(addK(counts, 0.5).probability([0], 1)).toBe(2.5 / 3.5);
});

test("a context that was never followed gives a uniform choice, and without smoothing nothing", () => {
  expect(addK(counts, 1).distribution([2])).toEqual(new Float64Array(3).fill(1 / 3));
  expect(addK(counts, 0).distribution([2])).toEqual(new Float64Array(3));
  const trigrams = NGramCounts.from([0, 1, 0, 1, 2], { order: 3, vocabSize: 3 });
  expect(addK(trigrams, 1).distribution([2, 2])).toEqual(new Float64Array(3).fill(1 / 3));
  expect(addK(trigrams, 0).probability([2, 2], 0)).toBe(0);
});

test("is named after k and the length of its grams", () => {
  expect(addK(counts, 1).name).toBe("add-1 bigram");
  expect(addK(counts, 0).name).toBe("unsmoothed bigram");
});

test("a k that is negative or no number is refused", () => {
  expect(() => addK(counts, -1)).toThrow(new RangeError("addK: expected k to be a finite number >= 0, got -1"));
  expect(() => addK(counts, Infinity)).toThrow(RangeError);
  expect(() => addK(counts, Number.NaN)).toThrow(RangeError);
});
