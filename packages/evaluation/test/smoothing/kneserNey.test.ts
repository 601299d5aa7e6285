import {
  absoluteDiscounting,
  addK,
  kneserNey,
  modifiedKneserNey,
  NGramCounts,
  type NGramModel,
} from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, test } from "vitest";
import fixture from "../fixtures/ngrams.json" with { type: "json" };

interface Expected {
  distributions: { context: number[]; probabilities: number[] }[];
}

function expectNltks(model: NGramModel, { distributions }: Expected): void {
  for (const { context, probabilities } of distributions) {
    const actual = model.distribution(context).subarray(0, probabilities.length);
    expect(actual).toBeAllclose(probabilities, { rtol: 1e-14 }); // the same arithmetic in float64, some roundings apart
  }
}

/** NLTK does not discount unigrams. */
const discounts = (order: number, discount: number) => [0, ...Array<number>(order - 1).fill(discount)];

describe("with NLTK's probabilities", () => {
  const countsOf = (order: number, vocabSize = fixture.vocabSize) =>
    NGramCounts.from(fixture.ids, { order, vocabSize });

  test.each(fixture.kneserNey)("kneserNey of order $order", ({ order, discount, ...expected }) => {
    expectNltks(kneserNey(countsOf(order), { discount: discounts(order, discount) }), expected);
  });

  test.each(fixture.absoluteDiscounting)("absoluteDiscounting of order $order", ({ order, discount, ...expected }) => {
    expectNltks(absoluteDiscounting(countsOf(order), { discount: discounts(order, discount) }), expected);
  });

  test.each(fixture.addK)("addK of order $order", ({ order, k, ...expected }) => {
    // NLTK's vocabulary has one token more, for unknown words.
    expectNltks(addK(countsOf(order, fixture.vocabSize + 1), k), expected);
  });
});

describe("worked by hand", () => {
  // "a b a b c": ab twice, ba once, bc once. a follows one token (b), b one (a), c one (b).
  const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });

  test("a bigram's shorter part is how many tokens it came after", () => {
    // Unigrams: continuation counts 1, 1, 1; each (1 - 0.5) / 3 + 0.5 * 3 / 3 * 1/3 = 1/3.
    // After b, with counts 1 and 1: (1 - 0.5) / 2 + 0.5 * 2 / 2 * 1/3 = 5/12 for a and c, 1/6 for b.
    const model = kneserNey(counts, { discount: 0.5 });
    expect(model.distribution([1])).toBeAllclose([5 / 12, 1 / 6, 5 / 12], { rtol: 1e-15 });
    // Absolute discounting: unigrams 2, 2, 1 of 5, (2 - 0.5) / 5 + 0.5 * 3 / 5 * 1/3 = 0.4, 0.4, 0.2
    const plain = absoluteDiscounting(counts, { discount: 0.5 });
    expect(plain.distribution([1])).toBeAllclose([0.25 + 0.5 * 0.4, 0.5 * 0.4, 0.25 + 0.5 * 0.2], { rtol: 1e-15 });
  });

  test("discounts are n1 / (n1 + 2 n2) of each length, 0.5 where there are none", () => {
    // Bigrams: two came once, one twice: 2 / (2 + 2). Continuation counts are all 1: none is 2.
    expect(kneserNey(counts).discounts).toEqual([[0.5], [0.5]]);
    const more = NGramCounts.from([0, 1, 0, 1, 2, 2, 0, 2, 1], { order: 2, vocabSize: 3 });
    // Bigrams: 01 twice; 10 12 22 20 02 21 once: n1 = 6, n2 = 1. Continuations: 0 after 1 2; 1 after 0 2; 2 after 0 1 2.
    expect(kneserNey(more).discounts).toEqual([[0.5], [6 / 8]]);
  });

  test("modified: three discounts, by Chen and Goodman's formulas", () => {
    // Unigrams that came 1, 1, 1, 2, 2, 3 and 4 times: n1 = 3, n2 = 2, n3 = 1, n4 = 1, so Y = 3 / 7,
    // D1 = 1 - 2 Y n2/n1 = 3/7, D2 = 2 - 3 Y n3/n2 = 19/14, D3 = 3 - 4 Y n4/n3 = 9/7
    const ids = [1, 1, 1, 2, 2, 3, 4].flatMap((count, id) => Array<number>(count).fill(id));
    const model = modifiedKneserNey(NGramCounts.from(ids, { order: 1, vocabSize: 8 }));
    expect(model.discounts).toHaveLength(1);
    expect(model.discounts?.[0]).toBeAllclose([3 / 7, 19 / 14, 9 / 7], { rtol: 1e-15 });
    // Of the 14 tokens, 3 * 3/7 + 2 * 19/14 + 2 * 9/7 = 46/7 are taken and shared out to 8.
    const left = 46 / 7 / 14 / 8;
    expect(model.distribution([])).toBeAllclose(
      [4 / 7, 4 / 7, 4 / 7, 9 / 14, 9 / 14, 12 / 7, 19 / 7, 0].map((kept) => kept / 14 + left),
      { rtol: 1e-14 },
    );
  });

  test("grams that begin with the boundary keep their counts: nothing else stands before them", () => {
    // Two words that begin with 1, one with 2; without this rule the first letters would be equally likely below trigrams.
    const words = NGramCounts.from([1, 0, 1, 0, 2, 0], { order: 3, vocabSize: 3, boundary: 0 });
    const [, one, two] = kneserNey(words, { discount: 0.5 }).distribution([]);
    // Unigrams: 0 after 2 tokens; 1 and 2 after 1: (2, 1, 1) of 4, (c - 0.5) / 4 + 1.5 / 4 / 3 = 1/2, 1/4, 1/4.
    // Bigrams after the boundary: (2 - 0.5) / 3 + 1/3 * 1/4 and (1 - 0.5) / 3 + 1/3 * 1/4; the trigrams likewise on top.
    const bigram = [1.5 / 3 + 1 / 12, 0.5 / 3 + 1 / 12];
    expect([one, two]).toBeAllclose([1.5 / 3 + bigram[0] / 3, 0.5 / 3 + bigram[1] / 3], { rtol: 1e-14 });
  });

  test("three equal discounts are one", () => {
    const counts = NGramCounts.from(fixture.ids, { order: 3, vocabSize: fixture.vocabSize });
    const three = modifiedKneserNey(counts, { discounts: [1, 2, 3].map(() => [0.7, 0.7, 0.7] as const) });
    expect(three.tables).toEqual(kneserNey(counts, { discount: 0.7 }).tables);
  });
});

test("models are named after their smoothing and order", () => {
  const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 5, vocabSize: 3 });
  expect(kneserNey(counts).name).toBe("Kneser-Ney 5-gram");
  expect(modifiedKneserNey(counts.withOrder(3)).name).toBe("modified Kneser-Ney trigram");
  expect(absoluteDiscounting(counts.withOrder(1)).name).toBe("absolute discounting unigram");
});

test("discounts out of range or of another number are refused", () => {
  const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });
  expect(() => kneserNey(counts, { discount: 1.5 })).toThrow(
    new RangeError("kneserNey: expected discounts in [0, 1], got 1.5"),
  );
  expect(() => absoluteDiscounting(counts, { discount: [0.5] })).toThrow(
    new RangeError("absoluteDiscounting: expected discounts for the lengths from 1 to 2, got 1 of them"),
  );
  expect(() => modifiedKneserNey(counts, { discounts: [1, 2].map(() => [0.5, 2.5, 1] as const) })).toThrow(
    new RangeError("modifiedKneserNey: expected discounts in [0, 1], [0, 2], [0, 3], got 0.5, 2.5, 1"),
  );
  expect(() => kneserNey(counts, { discount: Number.NaN })).toThrow(RangeError);
});
