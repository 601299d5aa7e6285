import { katz, NGramCounts } from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { expect, test } from "vitest";

test("leaves to shorter grams only what never came", () => {
  // "a b a b c" and d, which never came. No counts of 3: both lengths are discounted by a constant.
  const counts = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 4 });
  const model = katz(counts);
  // Unigrams 2, 2, 1: one came once, two twice: D = 1 / (1 + 4) = 0.2. Bigrams: two once, one twice: D = 2 / 4 = 0.5.
  expect(model.discounts).toEqual([[0.2], [0.5]]);
  const unigrams = [1.8 / 5, 1.8 / 5, 0.8 / 5, 0.6 / 5]; // what is left, 3 * 0.2 / 5, is d's alone
  expect(model.distribution([3])).toBeAllclose(unigrams, { rtol: 1e-14 });
  // After b: a and c, (1 - 0.5) / 2 each; the other half is shared by b and d as their unigrams are.
  const backOff = 0.5 / (1 - unigrams[0] - unigrams[2]);
  expect(model.distribution([1])).toBeAllclose([0.25, backOff * unigrams[1], 0.25, backOff * unigrams[3]], {
    rtol: 1e-14,
  });
  expect(model.name).toBe("Katz bigram");
});

test("discounts small counts by Good and Turing and trusts large ones", () => {
  // Six unigrams that came once, two twice, one three times, one ten times; counts up to 2 are discounted.
  const ids = [1, 1, 1, 1, 1, 1, 2, 2, 3, 10].flatMap((count, id) => Array<number>(count).fill(id));
  const counts = NGramCounts.from(ids, { order: 1, vocabSize: 11 });
  const model = katz(counts, { largestDiscounted: 2 });
  // 1* = 2 n2 / n1 = 2/3, 2* = 3 n3 / n2 = 3/2, q = 3 n3 / n1 = 1/2; d1 = (2/3 - 1/2) / (1/2) = 1/3, d2 = (3/4 - 1/2) * 2 = 1/2
  expect(model.discounts?.[0]).toBeAllclose([2 / 3, 1, 0], { rtol: 1e-14 });
  const distribution = model.distribution([]);
  expect(distribution.subarray(6)).toBeAllclose([1 / 23, 1 / 23, 3 / 23, 10 / 23, (6 * (2 / 3) + 2) / 23], {
    rtol: 1e-14,
  });
});

test("keeps one count for what never came after a context of large counts", () => {
  const ids = Array<number>(20).fill(0);
  // 0 came after 0 nineteen times, and nothing is taken from nineteen: 1 has one part in twenty.
  const model = katz(NGramCounts.from(ids, { order: 2, vocabSize: 2 }));
  expect(model.distribution([0])[1]).toBeGreaterThan(0);
});

test("takes nothing where every token came: nobody is left to have it", () => {
  const counts = NGramCounts.from([0, 0, 1, 0, 0, 1, 1], { order: 2, vocabSize: 2 });
  expect(katz(counts).distribution([0])).toBeAllclose([2 / 4, 2 / 4], { rtol: 1e-15 });
});

test("an option out of range is refused", () => {
  const counts = NGramCounts.from([0, 1], { order: 2, vocabSize: 2 });
  expect(() => katz(counts, { largestDiscounted: 0 })).toThrow(
    new RangeError("katz: expected largestDiscounted to be an integer from 1 to 100, got 0"),
  );
});
