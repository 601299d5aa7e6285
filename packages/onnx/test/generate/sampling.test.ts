import { readFileSync } from "node:fs";
import { keepTopK, sampleToken, type SamplingOptions, tokenProbabilities } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

interface Case {
  temperature: number;
  topK: number | null;
  topP: number | null;
  logits: number[];
  probabilities: number[];
}

const fixture = new URL("fixtures/sampling.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as { cases: Case[] };

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const at = (uniform: number) => ({ uniform: () => uniform });

/** How often each of many evenly spaced draws takes each token: its probability to within 1/draws. */
function frequencies(logits: Float32Array, options: SamplingOptions, draws: number): number[] {
  const counts = Array.from(logits, () => 0);
  for (let i = 0; i < draws; i++) counts[sampleToken(logits, options, at((i + 0.5) / draws))]++;
  return counts.map((count) => count / draws);
}

describe("the next token", () => {
  it.each(cases)(
    "at temperature $temperature, top-k $topK, top-p $topP has Hugging Face's probabilities",
    ({ temperature, topK, topP, logits, probabilities }) => {
      const options = { temperature, topK: topK ?? undefined, topP: topP ?? undefined };
      const draws = 4000;
      // Each border between two tokens is off by less than one draw, and a token has two.
      expect(frequencies(Float32Array.from(logits), options, draws)).toBeAllclose(probabilities, { atol: 2 / draws });
    },
  );

  it("at temperature 0 is the first of the best, and needs no chance", () => {
    expect(sampleToken(floats(1, 3, 3, 2), { temperature: 0 }, undefined)).toBe(1);
    expect(sampleToken(floats(1, 3, 3, 2), {}, undefined)).toBe(1);
  });

  it("at a temperature near 0 is the best one, without overflow", () => {
    expect(sampleToken(floats(1, 3, 2), { temperature: 1e-300 }, at(0.999))).toBe(1);
  });

  it("is never one that a filter rules out", () => {
    const logits = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 30 });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const probability = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 40 }), probability, chance, (values, topK, topP, uniform) => {
        const scores = Float32Array.from(values);
        const token = sampleToken(scores, { temperature: 1, topK, topP }, at(uniform));
        const better = scores.filter((score) => score > scores[token]);
        expect(better.length).toBeLessThan(topK);
        const kept = tokenProbabilities(keepTopK(scores, topK));
        const ahead = kept.filter((p) => p > kept[token]).reduce((sum, p) => sum + p, 0);
        // The sum is taken in another order here.
        expect(ahead).toBeLessThan(topP + 1e-12);
      }),
    );
  });

  it("is asked for with options that are numbers in range", () => {
    const sample = (options: SamplingOptions) => () => sampleToken(floats(1, 2), options, at(0));
    expect(sample({ temperature: -1 })).toThrow("sampleToken: expected temperature to be a number >= 0, got -1");
    expect(sample({ temperature: NaN })).toThrow("temperature to be a number >= 0, got NaN");
    expect(sample({ temperature: Infinity })).toThrow("temperature to be a number >= 0, got Infinity");
    expect(sample({ topK: 0 })).toThrow("expected topK to be an integer >= 1, got 0");
    expect(sample({ topK: 1.5 })).toThrow("expected topK to be an integer >= 1, got 1.5");
    expect(sample({ topP: 0 })).toThrow("expected topP to be a number in (0, 1], got 0");
    expect(sample({ topP: 1.1 })).toThrow("expected topP to be a number in (0, 1], got 1.1");
    expect(sample({ minP: -0.1 })).toThrow("expected minP to be a number in [0, 1], got -0.1");
    expect(sample({ minP: NaN })).toThrow("expected minP to be a number in [0, 1], got NaN");
    expect(() => sampleToken(floats(1, 2), { temperature: 1 }, undefined)).toThrow(/expected an rng at temperature 1/);
  });

  it("is refused where the model diverged", () => {
    expect(() => sampleToken(floats(1, NaN), {}, undefined)).toThrow("argmax: expected numbers, got NaN at index 1");
    expect(() => sampleToken(floats(1, NaN), { temperature: 1 }, at(0))).toThrow(RangeError);
    expect(() => sampleToken(floats(1, Infinity), { temperature: 1 }, at(0))).toThrow(/finite largest logit/);
    // Filters would leave NaN out, and a number be drawn from the rest.
    expect(() => sampleToken(floats(1, NaN, 5, 3), { temperature: 1, topK: 2 }, at(0))).toThrow(/got NaN at index 1/);
    expect(() => sampleToken(floats(-Infinity, -Infinity), {})).toThrow(
      "sampleToken: expected a finite largest logit, got -Infinity",
    );
    expect(() => sampleToken(floats(), {}, undefined)).toThrow("argmax: expected at least one value, got none");
  });
});
