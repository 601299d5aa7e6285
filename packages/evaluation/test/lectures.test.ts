// The numbers of the lectures, and of others about their two texts. Skipped where the texts are absent: ../shared/data.
import { addK, kneserNey, modifiedKneserNey, NGramCounts } from "@llm-learning/evaluation";
import { describe, expect, test } from "vitest";
import { hasLectureData, namesIds, shakespeareIds } from "./lectureData.ts";

describe.skipIf(!hasLectureData)("the lecture's names", () => {
  const ids = hasLectureData ? namesIds() : Uint8Array.of(0);
  const trigrams = NGramCounts.from(ids, { order: 3, vocabSize: 27, boundary: 0 });
  const bigrams = trigrams.withOrder(2);

  test("have the losses that the lecture's bigram table has", () => {
    expect(bigrams.tokens).toBe(228_146);
    expect(27 * 27 - bigrams.distinct(2)).toBe(102);
    // 2.4540145 2.4545768 2.45768 2.46212 2.53749 2.85228 were published; numpy gives the digits behind them.
    const losses = {
      0: 2.4540144892,
      1: 2.4545768201,
      5: 2.4576826792,
      10: 2.4621158057,
      100: 2.5374912617,
      1000: 2.8522829275,
    };
    for (const [k, loss] of Object.entries(losses)) {
      expect(addK(bigrams, Number(k)).evaluate(ids).averageNll, `k = ${k}`).toBeCloseTo(loss, 9);
    }
  });

  test("have its uniform, unigram and trigram losses", () => {
    // By numpy as well; published are 3.29584, 2.82273, 2.18574, 2.18954 and 2.21258.
    expect(addK(bigrams, 1e300).evaluate(ids).averageNll).toBeCloseTo(Math.log(27), 9);
    expect(addK(trigrams.withOrder(1), 0).evaluate(ids).averageNll).toBeCloseTo(2.822726343, 9);
    expect(addK(trigrams, 0).evaluate(ids).averageNll).toBeCloseTo(2.1857432425, 9);
    expect(addK(trigrams, 0.1).evaluate(ids).averageNll).toBeCloseTo(2.189539883, 9);
    expect(addK(trigrams, 1).evaluate(ids).averageNll).toBeCloseTo(2.2125824222, 9);
  });

  test("lose infinitely on a name with a pair that no name has", () => {
    // a n d r e j q: the lecture's example, whose "jq" never came.
    const evaluation = addK(bigrams, 0).evaluate([1, 14, 4, 18, 5, 10, 17, 0]);
    expect(evaluation.averageNll).toBe(Infinity);
    expect(evaluation.impossibleGrams).toEqual([{ context: [10], token: 17, count: 1 }]);
    expect(addK(bigrams, 1).evaluate([1, 14, 4, 18, 5, 10, 17, 0]).averageNll).toBeLessThan(4);
  });

  test("that were held out cost less with Kneser-Ney than with any k", () => {
    const cut = ids.indexOf(0, Math.floor(ids.length * 0.9)) + 1;
    const counts = NGramCounts.from(ids.subarray(0, cut), { order: 4, vocabSize: 27, boundary: 0 });
    const heldOut = ids.subarray(cut);
    const best = Math.min(...[1, 0.3, 0.1, 0.03].map((k) => addK(counts, k).evaluate(heldOut).averageNll));
    expect(kneserNey(counts).evaluate(heldOut).averageNll).toBeLessThan(best);
  });
});

describe.skipIf(!hasLectureData)("tiny Shakespeare by characters", () => {
  const { train, validation, vocabSize } = hasLectureData
    ? shakespeareIds()
    : { train: [0, 0, 0, 0, 0, 0], validation: [0], vocabSize: 1 };
  const counts = NGramCounts.from(train, { order: 6, vocabSize });

  // Only characters with a full context are scored: the first order - 1 of the validation part are read as context. The
  // 6-gram's k is 0.01, as the 5-gram's. Five digits were published, and all of them agree.
  const ladder = [
    { order: 1, k: 0, loss: 3.3473 },
    { order: 2, k: 1, loss: 2.4819 },
    { order: 3, k: 0.1, loss: 2.0458 },
    { order: 4, k: 0.1, loss: 1.784 },
    { order: 5, k: 0.01, loss: 1.7704 },
    { order: 6, k: 0.01, loss: 2.0065 },
  ];

  test("is split as everybody splits it", () => {
    expect([train.length, validation.length, vocabSize]).toEqual([1_003_854, 111_540, 65]);
  });

  test.each(ladder)("costs $loss nats with grams of $order and k = $k", ({ order, k, loss }) => {
    const { averageNll } = addK(counts.withOrder(order), k).evaluate(validation, { skip: order - 1 });
    expect(Math.abs(averageNll - loss)).toBeLessThan(6e-5);
  });

  test("costs less with Kneser-Ney than with the best k, at order 5", () => {
    const fiveGrams = counts.withOrder(5);
    const addKs = [0.05, 0.02, 0.01].map((k) => addK(fiveGrams, k).evaluate(validation).averageNll);
    expect(Math.min(...addKs)).toBeCloseTo(1.7533, 4); // k = 0.02
    // 1.578949434 in Python, with dictionaries of slices, from the formulas alone: fixtures/kneser_ney_check.py
    expect(kneserNey(fiveGrams).evaluate(validation).averageNll).toBeCloseTo(1.578949434, 8);
  });

  test("costs least with three discounts and a longer context", () => {
    expect(modifiedKneserNey(counts).evaluate(validation).averageNll).toBeCloseTo(1.52263646, 8); // from the same script
  });
});
