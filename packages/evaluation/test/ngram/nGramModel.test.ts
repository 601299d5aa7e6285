import { addK, ContextCursor, interpolated, kneserNey, NGramCounts } from "@llm-learning/evaluation";
import { Rng } from "@llm-learning/init";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, test } from "vitest";

// The text "a b a b c", as in the counts' example.
const bigrams = NGramCounts.from([0, 1, 0, 1, 2], { order: 2, vocabSize: 3 });

describe("evaluate", () => {
  test("sums the losses of all tokens, the first ones by shorter grams", () => {
    // P(a) = (2 + 1) / (5 + 3), P(b | a) = (2 + 1) / (2 + 3), P(c | b) = (1 + 1) / (2 + 3)
    const evaluation = addK(bigrams, 1).evaluate([0, 1, 2]);
    expect(evaluation.tokens).toBe(3);
    expect(evaluation.likelihood).toBeCloseTo((3 / 8) * (3 / 5) * (2 / 5), 15);
    expect(evaluation.impossibleGrams).toEqual([]);
  });

  test("reads the first tokens as context only, where it is told to", () => {
    const model = addK(bigrams, 1);
    expect(model.evaluate([0, 1, 2], { skip: 1 }).likelihood).toBeCloseTo((3 / 5) * (2 / 5), 15);
    expect(() => model.evaluate([0, 1], { skip: 2 })).toThrow(
      new RangeError(
        "NGramModel.evaluate: expected at least one token to evaluate, got none among 2: all are masked out, skipped or of weight 0",
      ),
    );
    expect(() => model.evaluate([0], { skip: -1 })).toThrow("expected skip to be an integer >= 0, got -1");
  });

  test("names the tokens of probability 0, after which context, and how often they came", () => {
    const evaluation = addK(bigrams, 0).evaluate([0, 2, 2, 0, 2, 0, 1]);
    expect(evaluation).toMatchObject({ averageNll: Infinity, perplexity: Infinity, impossible: 5 });
    expect(evaluation.impossibleGrams).toEqual([
      { context: [0], token: 2, count: 2 },
      { context: [2], token: 2, count: 1 }, // nothing was ever seen after 2, the end of the text
      { context: [2], token: 0, count: 2 },
    ]);
    expect(addK(bigrams, 0).evaluate([0, 2, 2], { maxImpossibleGrams: 1 }).impossibleGrams).toHaveLength(1);
  });

  test("of nothing, or of ids out of range, is refused", () => {
    const model = addK(bigrams, 1);
    expect(() => model.evaluate([])).toThrow(
      new RangeError("NGramModel.evaluate: expected at least one token to evaluate, got none"),
    );
    expect(() => model.evaluate([0, 3])).toThrow("NGramModel.evaluate: expected ids from 0 to 2, got 3 at position 1");
    expect(() => model.probability([], 3)).toThrow("NGramModel.probability: expected ids from 0 to 2, got 3");
    expect(() => model.distribution([-1])).toThrow("NGramModel.distribution: expected ids from 0 to 2, got -1");
    expect(() => model.losses([0.5])).toThrow("NGramModel.losses: expected ids from 0 to 2, got 0.5");
  });

  test("is the same over chunks, one by one, and from an async stream", async () => {
    const model = addK(bigrams, 0.5);
    const whole = model.evaluate([0, 2, 1, 0]);
    async function* chunks(): AsyncGenerator<Uint16Array> {
      yield Uint16Array.of(0, 2);
      yield Uint16Array.of(1, 0);
    }
    expect(model.evaluate([Uint8Array.of(0), [2, 1, 0]])).toEqual(whole);
    expect(model.evaluate(new Set([0, 2, 1].values()))).toEqual(model.evaluate([0, 2, 1]));
    expect(await model.evaluateAsync(chunks())).toEqual(whole);
  });

  test("of a token that is certain is 0, and never a rounding less", () => {
    for (let n = 2; n < 60; n++) {
      const certain = NGramCounts.from(Array<number>(n).fill(0), { order: 2, vocabSize: 1 });
      for (const model of [kneserNey(certain), interpolated(certain, [0.1, 0.45, 0.45])]) {
        expect(Math.min(...model.losses([0, 0, 0])), `${model.name} of ${n}`).toBeGreaterThanOrEqual(0);
        expect(model.distribution([0])[0]).toBeLessThanOrEqual(1);
      }
    }
  });

  test("is the sum of the losses token by token", () => {
    const model = addK(bigrams, 0.5);
    const losses = model.losses([0, 2, 1, 0]);
    expect(losses.reduce((sum, loss) => sum + loss)).toBeCloseTo(model.evaluate([0, 2, 1, 0]).nll, 14);
    expect(addK(bigrams, 0).losses([0, 2])).toEqual(Float64Array.of(-Math.log(2 / 5), Infinity));
  });
});

test("a cursor stands where a context ends, and may be asked for any token there", () => {
  const model = addK(NGramCounts.from([0, 1, 0, 1, 2, 0, 1], { order: 3, vocabSize: 3, boundary: 2 }), 0.5);
  const cursor = new ContextCursor(model.counts);
  const context: number[] = [];
  for (const token of [0, 1, 1, 2, 0, 0, 1]) {
    expect(model.probabilityAt(cursor, 1)).toBe(model.probability(context, 1));
    expect(model.distributionAt(cursor)).toEqual(model.distribution(context));
    cursor.step(token);
    context.push(token);
  }
  expect(cursor.context()).toEqual([0, 1]);
  cursor.reset();
  expect(cursor.context()).toEqual([2, 2]);
});

describe("a boundary", () => {
  const counts = NGramCounts.from([1, 2, 0, 1, 0], { order: 3, vocabSize: 3, boundary: 0 });
  const model = addK(counts, 0);

  test("stands before every text: no context is the beginning of a word", () => {
    expect(model.distribution([])).toEqual(Float64Array.of(0, 1, 0));
    expect(model.distribution([1])).toEqual(Float64Array.of(1 / 2, 0, 1 / 2));
    expect(model.distribution([0, 1])).toEqual(model.distribution([1]));
  });

  test("ends a context: what stands before it does not matter", () => {
    expect(model.distribution([2, 0])).toEqual(model.distribution([]));
    expect(model.distribution([2, 0, 1])).toEqual(model.distribution([1]));
  });

  test("is named in the contexts of impossible grams", () => {
    expect(model.evaluate([2, 0]).impossibleGrams).toEqual([
      { context: [0, 0], token: 2, count: 1 },
      { context: [0, 2], token: 0, count: 1 },
    ]);
  });
});

describe("sampling", () => {
  const model = addK(bigrams, 1);

  test("draws tokens as often as they are probable", () => {
    const rng = new Rng(1);
    const drawn = new Float64Array(3);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) drawn[model.sample([1], rng)] += 1 / draws;
    // Five standard errors of a share: 5 sqrt(p (1 - p) / n) <= 5 * 0.5 / sqrt(20000) = 0.018
    expect(drawn).toBeAllclose(model.distribution([1]), { atol: 0.018 });
  });

  test("never draws a token of probability 0, whatever the rng gives", () => {
    const unsmoothed = addK(bigrams, 0);
    for (const at of [0, 0.5, 1 - 2 ** -53]) {
      expect([0, 2]).toContain(unsmoothed.sample([1], { uniform: () => at }));
    }
    expect(() => unsmoothed.sample([2], new Rng(1))).toThrow(
      new RangeError(
        "NGramModel.sample: expected a token that is possible, got none after a context never counted; smooth",
      ),
    );
    expect(() => model.sample([], undefined as never)).toThrow(
      new TypeError("NGramModel.sample: expected an rng with a method uniform(), got undefined; Rng of init is one"),
    );
  });

  test("writes the same text with the same seed, as long as it was told", () => {
    const text = model.generate({ rng: new Rng(7), maxTokens: 50 });
    expect(text).toHaveLength(50);
    expect(model.generate({ rng: new Rng(7), maxTokens: 50 })).toEqual(text);
    expect(model.generate({ rng: new Rng(7), maxTokens: 0 })).toEqual([]);
    expect(() => model.generate({ rng: new Rng(7), maxTokens: Infinity })).toThrow("maxTokens to be an integer >= 0");
  });

  test("ends at the boundary, which is not part of the text", () => {
    const words = NGramCounts.from([1, 2, 0, 1, 2, 0], { order: 3, vocabSize: 3, boundary: 0 });
    expect(addK(words, 0).generate({ rng: new Rng(1), maxTokens: 10 })).toEqual([1, 2]);
    expect(addK(words, 0).generate({ rng: new Rng(1), maxTokens: 10, context: [1] })).toEqual([2]);
  });
});
