import { addK, NGramCounts } from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, test } from "vitest";
import { hasLectureData, namesIds, shakespeareIds } from "../lectureData.ts";

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

describe.skipIf(!hasLectureData)("the lecture's names (skipped without ../shared/data)", () => {
  test("have the losses that the lecture's bigram table has", () => {
    const ids = namesIds();
    const counts = NGramCounts.from(ids, { order: 2, vocabSize: 27, boundary: 0 });
    expect(counts.tokens).toBe(228_146);
    expect(27 * 27 - counts.distinct(2)).toBe(102);
    const published = { 0: 2.4540145, 1: 2.4545768, 5: 2.45768, 10: 2.46212, 100: 2.53749, 1000: 2.85228 };
    for (const [k, loss] of Object.entries(published)) {
      // As many digits as were published: 1e-6, or half a unit of the fifth.
      const digits = Number(k) < 5 ? 1e-6 : 5e-6;
      expect(Math.abs(addK(counts, Number(k)).evaluate(ids).averageNll - loss), `k = ${k}`).toBeLessThan(digits);
    }
  });

  test("have its uniform, unigram and trigram losses", () => {
    const ids = namesIds();
    const counts = NGramCounts.from(ids, { order: 3, vocabSize: 27, boundary: 0 });
    expect(Math.log(counts.vocabSize)).toBeCloseTo(3.29584, 5);
    expect(addK(counts.withOrder(1), 0).evaluate(ids).averageNll).toBeCloseTo(2.82273, 5);
    expect(addK(counts, 0).evaluate(ids).averageNll).toBeCloseTo(2.18574, 5);
    expect(addK(counts, 0.1).evaluate(ids).averageNll).toBeCloseTo(2.18954, 5);
    expect(addK(counts, 1).evaluate(ids).averageNll).toBeCloseTo(2.21258, 5);
  });

  test("lose infinitely on a name with a pair that no name has", () => {
    const counts = NGramCounts.from(namesIds(), { order: 2, vocabSize: 27, boundary: 0 });
    // a n d r e j q: the lecture's example, whose "jq" never came.
    const evaluation = addK(counts, 0).evaluate([1, 14, 4, 18, 5, 10, 17, 0]);
    expect(evaluation.averageNll).toBe(Infinity);
    expect(evaluation.impossibleGrams).toEqual([{ context: [10], token: 17, count: 1 }]);
    expect(addK(counts, 1).evaluate([1, 14, 4, 18, 5, 10, 17, 0]).averageNll).toBeLessThan(4);
  });
});

describe.skipIf(!hasLectureData)("tiny Shakespeare (skipped without ../shared/data)", () => {
  // Only characters with a full context are scored: the first order - 1 of the validation part are read as context. The
  // 6-gram's k is 0.01, as the 5-gram's. Five digits were published, of which four decimals must agree.
  const ladder = [
    { order: 1, k: 0, loss: 3.3473 },
    { order: 2, k: 1, loss: 2.4819 },
    { order: 3, k: 0.1, loss: 2.0458 },
    { order: 4, k: 0.1, loss: 1.784 },
    { order: 5, k: 0.01, loss: 1.7704 },
    { order: 6, k: 0.01, loss: 2.0065 },
  ];

  test("has the losses of the ladder from one character to six", () => {
    const { train, validation, vocabSize } = shakespeareIds();
    expect(vocabSize).toBe(65);
    expect([train.length, validation.length]).toEqual([1_003_854, 111_540]);
    const counts = NGramCounts.from(train, { order: 6, vocabSize });
    for (const { order, k, loss } of ladder) {
      const { averageNll } = addK(counts.withOrder(order), k).evaluate(validation, { skip: order - 1 });
      expect(Math.abs(averageNll - loss), `${order}-gram`).toBeLessThan(6e-5);
    }
  });
});
