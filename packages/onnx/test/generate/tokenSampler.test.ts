import { readFileSync } from "node:fs";
import {
  addLogitBias,
  drawIndex,
  keepMinP,
  keepTopK,
  keepTopP,
  mostProbable,
  penalizeFrequency,
  penalizeRepetition,
  tokenProbabilities,
  TokenSampler,
  type TokenSamplerOptions,
} from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

/** By the script beside it. Minus infinity is null. */
interface Fixture {
  prompt: number[];
  answer: number[];
  cases: {
    options: Omit<TokenSamplerOptions, "logitBias"> & { logitBias?: [number, number | null][]; temperature: number };
    logits: number[];
    adjusted: (number | null)[];
    probabilities: number[];
    logprobs: number[];
  }[];
}

const fixture = JSON.parse(readFileSync(new URL("fixtures/choice.json", import.meta.url), "utf8")) as Fixture;
const { prompt, answer } = fixture;
const V = 40;
const cases = fixture.cases.map(({ options, ...others }) => {
  const logitBias = options.logitBias && new Map(options.logitBias.map(([id, value]) => [id, value ?? -Infinity]));
  return { ...others, options: { ...options, logitBias } };
});

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const at = (uniform: number) => ({ uniform: () => uniform });

describe.each(cases)(
  "the choice of a token with $options",
  ({ options, logits, adjusted, probabilities, logprobs }) => {
    const { temperature, topK = V, topP = 1, minP = 0, logitBias = new Map() } = options;
    const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 } = options;
    const counts = new Map(answer.map((id) => [id, answer.filter((other) => other === id).length]));

    it("is composed of functions that give the numbers of transformers", () => {
      const biased = addLogitBias(Float32Array.from(logits), logitBias);
      const repeated = penalizeRepetition(biased, new Set([...prompt, ...answer]), repetitionPenalty);
      const penalty = { frequency: frequencyPenalty, presence: presencePenalty };
      const scores = penalizeFrequency(repeated, counts, penalty);
      // A few roundings of float32.
      const expected = adjusted.map((score) => score ?? -Infinity);
      expect([...scores].map(Number.isFinite)).toEqual(expected.map(Number.isFinite));
      const finite = (values: Iterable<number>) => [...values].filter(Number.isFinite);
      expect(finite(scores)).toBeAllclose(finite(expected), { rtol: 1e-6, atol: 1e-6 });

      const kept = keepMinP(keepTopP(keepTopK(scores, topK), topP, temperature), minP, temperature);
      // torch divides by the temperature in float32.
      expect([...tokenProbabilities(kept, temperature)]).toBeAllclose(probabilities, { atol: 1e-6 });
    });

    it("is made by a sampler that has chosen others before, whose log-probabilities are the model's own", () => {
      for (const uniform of [0, 0.2, 0.5, 0.8, 0.99]) {
        const sampler = new TokenSampler(V, { ...options, rng: at(uniform), prompt, logprobs: 3 });
        for (const id of answer) {
          if (logitBias.get(id) === -Infinity) return; // never chosen, so never in an answer
          expect(sampler.next(floats(...logits.map((_, token) => (token === id ? 1e6 : 0)))).token).toBe(id);
        }
        const { token, logprob, topLogprobs } = sampler.next(Float32Array.from(logits));
        expect(token).toBe(drawIndex(Float64Array.from(probabilities), uniform));
        expect([logprob]).toBeAllclose([logprobs[token]], { atol: 1e-12 });
        expect(topLogprobs?.map((entry) => entry.token)).toEqual(
          mostProbable(Float64Array.from(logprobs), 3).map((entry) => entry.token),
        );
      }
    });
  },
);

describe("a sampler of tokens", () => {
  it("counts prompt and answer for the repetition penalty", () => {
    const sampler = new TokenSampler(3, { prompt: [0], repetitionPenalty: 2 });
    const logits = floats(3, 2, 1);
    // By hand: 1.5 2 1, then 1.5 1 1, and 0 is in it already.
    expect([sampler.next(logits).token, sampler.next(logits).token, sampler.next(logits).token]).toEqual([1, 0, 0]);
    expect([...logits]).toEqual([3, 2, 1]);
  });

  it("counts the answer alone for frequency and presence penalties", () => {
    const tokens = (options: TokenSamplerOptions) => {
      const sampler = new TokenSampler(2, { prompt: [0, 0, 0], ...options });
      return Array.from({ length: 5 }, () => sampler.next(floats(3, 2)).token);
    };
    expect(tokens({})).toEqual([0, 0, 0, 0, 0]);
    // 3 2, 2.4 2, 1.8 2, 1.8 1.4, 1.2 1.4
    expect(tokens({ frequencyPenalty: 0.6 })).toEqual([0, 0, 1, 0, 1]);
    // 3 2, 1.5 2, 1.5 0.5, and so on
    expect(tokens({ presencePenalty: 1.5 })).toEqual([0, 1, 0, 0, 0]);
  });

  it("at temperature 0 asks for no chance", () => {
    const rng = {
      uniform: () => {
        throw new Error("asked");
      },
    };
    expect(new TokenSampler(3, { rng, topK: 2, topP: 0.5, minP: 0.5 }).next(floats(1, 3, 3)).token).toBe(1);
  });

  it("gives log-probabilities where they are asked for, as many as there are", () => {
    expect(new TokenSampler(2).next(floats(0, 0))).toEqual({ token: 0 });
    expect(new TokenSampler(2, { logprobs: 0 }).next(floats(0, 0))).toEqual({
      token: 0,
      logprob: -Math.LN2,
      topLogprobs: [],
    });
    const { topLogprobs } = new TokenSampler(2, { logprobs: 20, logitBias: new Map([[1, -Infinity]]) }).next(
      floats(0, 0),
    );
    expect(topLogprobs).toEqual([
      { token: 0, logprob: -Math.LN2 },
      { token: 1, logprob: -Math.LN2 },
    ]);
  });

  it("gives a token of the model, whatever the options in range and the logits are", () => {
    const penalty = fc.double({ min: -2, max: 2, noNaN: true });
    const options = fc.record({
      temperature: fc.double({ min: 0, max: 1e300, noNaN: true }),
      topK: fc.integer({ min: 1, max: 9 }),
      topP: fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true }),
      minP: fc.double({ min: 0, max: 1, noNaN: true }),
      repetitionPenalty: fc.double({ min: 0, max: 1e308, noNaN: true, minExcluded: true }),
      frequencyPenalty: penalty,
      presencePenalty: penalty,
      logprobs: fc.integer({ min: 0, max: 20 }),
      logitBias: fc
        .uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 6 })
        .chain((ids) =>
          fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.constantFrom(-Infinity, -100, 1, 100)))),
        )
        .map((entries) => new Map(entries)),
    });
    const logits = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 7, maxLength: 7 });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(options, fc.array(logits, { minLength: 3, maxLength: 3 }), chance, (choice, steps, uniform) => {
        const sampler = new TokenSampler(7, { ...choice, prompt: [0, 6], rng: at(uniform) });
        for (const step of steps) {
          const { token } = sampler.next(Float32Array.from(step));
          expect(token).toBeGreaterThanOrEqual(0);
          expect(token).toBeLessThan(7);
          expect(choice.logitBias.get(token)).not.toBe(-Infinity);
        }
      }),
    );
  });

  it.each<[TokenSamplerOptions, string]>([
    [{ minP: 1.1 }, "expected minP to be a number in [0, 1], got 1.1"],
    [{ repetitionPenalty: 0 }, "expected repetitionPenalty to be a finite number > 0, got 0"],
    [{ repetitionPenalty: Infinity }, "expected repetitionPenalty to be a finite number > 0, got Infinity"],
    [{ repetitionPenalty: NaN }, "expected repetitionPenalty to be a finite number > 0, got NaN"],
    [{ frequencyPenalty: 2.1 }, "expected frequencyPenalty to be a number in [-2, 2], got 2.1"],
    [{ presencePenalty: -3 }, "expected presencePenalty to be a number in [-2, 2], got -3"],
    [{ presencePenalty: NaN }, "expected presencePenalty to be a number in [-2, 2], got NaN"],
    [{ logprobs: 21 }, "expected logprobs to be an integer from 0 to 20, got 21"],
    [{ logprobs: 0.5 }, "expected logprobs to be an integer from 0 to 20, got 0.5"],
    [{ prompt: [3] }, "expected ids from 0 to 2, got 3 in the prompt"],
    [{ temperature: 1 }, "expected an rng at temperature 1, got none; temperature 0 needs none"],
  ])("refuses %j", (options, message) => {
    expect(() => new TokenSampler(3, options)).toThrow(`TokenSampler: ${message}`);
  });

  it("refuses logits of another size", () => {
    expect(() => new TokenSampler(3).next(floats(1))).toThrow("TokenSampler.next: expected 3 logits, got 1");
  });
});
