import {
  bitsPerByte,
  bitsPerCharacter,
  CompensatedSum,
  LikelihoodAccumulator,
  likelihoodOfLogits,
  likelihoodOfLogProbabilities,
  likelihoodOfProbabilities,
  logSoftmax,
  logSumExp,
  perplexity,
} from "@llm-learning/evaluation";
import "@llm-learning/testing/toBeAllclose";
import { describe, expect, test } from "vitest";
import fixture from "../fixtures/likelihood.json" with { type: "json" };

describe("likelihood of probabilities", () => {
  test("is their product, and everything else follows from its logarithm", () => {
    // 1/2 * 1/4 * 1/8 = 1/64 = 2^-6
    const result = likelihoodOfProbabilities([1 / 2, 1 / 4, 1 / 8]);
    expect(result).toMatchObject({ tokens: 3, weight: 3, impossible: 0, impossibleAt: [] });
    const { likelihood, logLikelihood, nll, averageNll, perplexity } = result;
    expect([likelihood, logLikelihood, nll, averageNll, perplexity]).toBeAllclose(
      [1 / 64, -6 * Math.LN2, 6 * Math.LN2, 2 * Math.LN2, 4],
      { rtol: 1e-15 }, // a few roundings
    );
  });

  test("underflows after some hundred tokens, where its logarithm stays exact", () => {
    const result = likelihoodOfProbabilities(new Float64Array(2000).fill(1 / 2));
    expect(result.likelihood).toBe(0);
    expect(result.nll).toBe(2000 * Math.LN2);
    expect(result.perplexity).toBeCloseTo(2, 14);
  });

  test("of certain tokens is 1, with a loss of 0 and not -0", () => {
    expect(likelihoodOfProbabilities([1, 1])).toMatchObject({ likelihood: 1, nll: 0, averageNll: 0, perplexity: 1 });
  });

  test("with an impossible token is 0: the loss is infinite and the place is named", () => {
    const result = likelihoodOfProbabilities([0.5, 0, 0.25, 0]);
    expect(result).toMatchObject({ likelihood: 0, logLikelihood: -Infinity, nll: Infinity, averageNll: Infinity });
    expect(result).toMatchObject({ perplexity: Infinity, impossible: 2, impossibleAt: [1, 3] });
  });

  test("names the first ten impossible tokens of many", () => {
    const result = likelihoodOfProbabilities(new Float64Array(1000));
    expect(result.impossible).toBe(1000);
    expect(result.impossibleAt).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("takes what rounding in float32 puts above 1 for 1", () => {
    expect(likelihoodOfProbabilities([1 + 2 ** -23]).nll).toBe(0);
    expect(() => likelihoodOfProbabilities([1.01])).toThrow(
      new RangeError("likelihoodOfProbabilities: expected probabilities in [0, 1], got 1.01 at index 0"),
    );
    expect(() => likelihoodOfProbabilities([0.5, Number.NaN])).toThrow("got NaN at index 1");
    expect(() => likelihoodOfProbabilities([-0.1])).toThrow("got -0.1 at index 0");
  });
});

describe("masks and weights", () => {
  test("a masked token does not count, whatever it is", () => {
    const result = likelihoodOfProbabilities([1 / 2, 0, 1 / 8], { mask: [true, false, true] });
    expect(result).toMatchObject({ tokens: 2, impossible: 0 });
    expect(result.averageNll).toBeCloseTo(2 * Math.LN2, 15);
    expect(likelihoodOfProbabilities([1 / 2, 0, 1 / 8], { mask: new Uint8Array([1, 0, 1]) })).toEqual(result);
    expect(likelihoodOfProbabilities([1 / 2, 0, 1 / 8], { weights: [1, 0, 1] })).toEqual(result);
  });

  test("a weight multiplies the token's logarithm and divides the average", () => {
    const result = likelihoodOfProbabilities([1 / 2, 1 / 8], { weights: [3, 1] });
    expect(result.weight).toBe(4);
    expect(result.nll).toBeCloseTo(6 * Math.LN2, 14);
    expect(result.averageNll).toBeCloseTo(1.5 * Math.LN2, 15);
  });

  test("an empty set has no average and is refused, however it came to be empty", () => {
    const none = "likelihoodOfProbabilities: expected at least one token to evaluate, got none";
    expect(() => likelihoodOfProbabilities([])).toThrow(new RangeError(none));
    const all = `${none} among 2: all are masked out, skipped or of weight 0`;
    expect(() => likelihoodOfProbabilities([0.5, 0.5], { mask: [0, 0] })).toThrow(new RangeError(all));
    expect(() => likelihoodOfProbabilities([0.5, 0.5], { weights: [0, 0] })).toThrow(new RangeError(all));
    expect(() => new LikelihoodAccumulator().result()).toThrow(RangeError);
  });

  test("of another length or out of range are refused", () => {
    expect(() => likelihoodOfProbabilities([0.5], { mask: [] })).toThrow(
      new RangeError("likelihoodOfProbabilities: expected mask to have 1 elements, one per token, got 0"),
    );
    expect(() => likelihoodOfProbabilities([0.5], { weights: [-1] })).toThrow(
      new RangeError("likelihoodOfProbabilities: expected weights to be finite and >= 0, got -1 at index 0"),
    );
  });
});

describe("likelihood of logits", () => {
  test.each(fixture.crossEntropy)("is PyTorch's cross-entropy: $name", ({ logits, targets, weights, loss }) => {
    const options = { ignoreIndex: -100, ...(weights !== null && { weights }) };
    // Both in float64.
    expect(likelihoodOfLogits(logits, targets, options).averageNll).toBeCloseTo(loss, 12);
  });

  test("overflows nowhere: logits of a million are as good as those near 0", () => {
    expect(likelihoodOfLogits([1e6, 1e6 + 1], [0]).nll).toBeCloseTo(Math.log(1 + Math.E), 12);
    expect(likelihoodOfLogits([-1e6, -1e6 + 1], [0]).nll).toBeCloseTo(Math.log(1 + Math.E), 12);
  });

  test("keeps a loss far smaller than the last digit of 1", () => {
    expect(likelihoodOfLogits([50, 0], [0]).nll / Math.exp(-50)).toBeCloseTo(1, 12);
  });

  test("a logit of minus infinity is an impossible token", () => {
    expect(likelihoodOfLogits([0, -Infinity], [1])).toMatchObject({ nll: Infinity, impossible: 1 });
    expect(likelihoodOfLogits([0, -Infinity], [0]).nll).toBe(0);
  });

  test("of a diverged model, of a wrong shape or with a target out of range are refused", () => {
    expect(() => likelihoodOfLogits([0, Number.NaN], [0])).toThrow(
      new RangeError("likelihoodOfLogits: expected logits below infinity, got NaN at index 1: the model diverged"),
    );
    expect(() => likelihoodOfLogits([-Infinity, -Infinity], [0])).toThrow("above minus infinity");
    expect(() => likelihoodOfLogits([0, 0, 0], [0, 1])).toThrow(
      new RangeError("likelihoodOfLogits: expected logits [N, V] for 2 targets, got 3 of them"),
    );
    expect(() => likelihoodOfLogits([], [0, 1])).toThrow("expected logits [N, V] for 2 targets, got 0 of them");
    expect(() => likelihoodOfLogits([0, 0], [2])).toThrow(
      new RangeError("likelihoodOfLogits: expected targets from 0 to 1, got 2 at index 0"),
    );
    expect(() => likelihoodOfLogits([], [])).toThrow("at least one token");
  });
});

test("log-probabilities and probabilities are two ways to say the same", () => {
  const p = [0.1, 0.7, 0.3];
  expect(likelihoodOfLogProbabilities(p.map(Math.log))).toEqual(likelihoodOfProbabilities(p));
  expect(() => likelihoodOfLogProbabilities([0.5])).toThrow(
    new RangeError("likelihoodOfLogProbabilities: expected log-probabilities of at most 0, got 0.5 at index 0"),
  );
});

test("an accumulator gives over chunks what a function gives over the whole", () => {
  const p = Array.from({ length: 100 }, (_, i) => (i + 1) / 101);
  const accumulator = new LikelihoodAccumulator();
  for (const x of p) accumulator.add(Math.log(x));
  expect(accumulator.result()).toEqual(likelihoodOfProbabilities(p));
  expect(() => accumulator.add(1)).toThrow("expected a log-probability of at most 0, got 1 at position 100");
  expect(() => accumulator.add(-1, Infinity)).toThrow("expected a finite weight >= 0, got Infinity at position 100");
});

describe("logSoftmax and logSumExp", () => {
  test.each(fixture.logSoftmax)("are PyTorch's, from $logits", ({ logits, logSoftmax: expected, logSumExp: sum }) => {
    // A few roundings; PyTorch gives 0 for losses below 1e-16, which are not lost here.
    expect(logSoftmax(logits)).toBeAllclose(expected, { rtol: 1e-14, atol: 1e-20 });
    expect(logSumExp(logits)).toBeCloseTo(sum, 12);
  });

  test("refuse what gives no distribution", () => {
    expect(() => logSumExp([])).toThrow(new RangeError("logSumExp: expected at least one logit, got none"));
    expect(() => logSoftmax([1, Infinity])).toThrow(
      "logSoftmax: expected logits below infinity, got Infinity at index 1",
    );
  });
});

describe("units", () => {
  test("perplexity of a uniform choice is the number of choices", () => {
    expect(perplexity(Math.log(27))).toBeCloseTo(27, 12);
    expect(perplexity(Infinity)).toBe(Infinity);
    expect(() => perplexity(-1)).toThrow(
      new RangeError("perplexity: expected averageNll to be nats per token >= 0, got -1"),
    );
  });

  test("bits per byte and per character divide the sum, not the average", () => {
    expect(bitsPerByte(16 * Math.LN2, 8)).toBe(2);
    expect(bitsPerCharacter(16 * Math.LN2, 4)).toBe(4);
    expect(() => bitsPerByte(1, 0)).toThrow(new RangeError("bitsPerByte: expected bytes to be a number > 0, got 0"));
    expect(() => bitsPerCharacter(Number.NaN, 1)).toThrow("bitsPerCharacter: expected nll to be nats >= 0, got NaN");
  });
});

describe("a compensated sum", () => {
  test("keeps what plain addition loses", () => {
    const sum = new CompensatedSum();
    for (const x of [1, 1e100, 1, -1e100]) sum.add(x);
    expect(sum.value).toBe(2);
  });

  test("of a million tenths is a hundred thousand to the last digit", () => {
    const sum = new CompensatedSum();
    let plain = 0;
    for (let i = 0; i < 1e6; i++) {
      sum.add(0.1);
      plain += 0.1;
    }
    expect(sum.value).toBe(1e5);
    expect(Math.abs(plain - 1e5)).toBeGreaterThan(1e-6);
  });

  test("carries infinities and NaN", () => {
    const sum = new CompensatedSum();
    sum.add(-Infinity);
    sum.add(1);
    expect(sum.value).toBe(-Infinity);
    sum.add(Infinity);
    expect(sum.value).toBeNaN();
  });
});
