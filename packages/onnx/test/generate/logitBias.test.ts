import { addLogitBias, type LogitBias, TokenSampler } from "@llm-learning/onnx";
import { describe, expect, it } from "vitest";

const floats = (...values: number[]): Float32Array => Float32Array.from(values);

describe("logit bias", () => {
  it("is added, and minus infinity rules out", () => {
    const logits = floats(1, 2, 3);
    const bias = new Map([
      [0, 100],
      [2, -Infinity],
    ]);
    expect([...addLogitBias(logits, bias)]).toEqual([101, 2, -Infinity]);
    expect([...logits]).toEqual([1, 2, 3]);
    expect(() => addLogitBias(logits, new Map([[3, 1]]))).toThrow(
      "addLogitBias: expected ids from 0 to 2, got 3 in the bias",
    );
  });

  it("bans and forces whatever the other options are", () => {
    const next = (bias: [number, number][], uniform: number): number => {
      const rng = { uniform: () => uniform };
      const options = { logitBias: new Map(bias), temperature: 2, rng, repetitionPenalty: 1.5, presencePenalty: -2 };
      return new TokenSampler(3, options).next(floats(5, 5, 5)).token;
    };
    for (const uniform of [1e-9, 0.3, 0.6, 0.999]) {
      expect(next([[1, 100]], uniform)).toBe(1);
      expect(next([[0, -100]], uniform)).not.toBe(0);
      expect(next([[2, -Infinity]], uniform)).not.toBe(2);
    }
  });

  it.each<[LogitBias, string]>([
    [new Map([[3, 1]]), "expected ids from 0 to 2, got 3 in logitBias"],
    [new Map([[-1, 1]]), "expected ids from 0 to 2, got -1 in logitBias"],
    [new Map([[0.5, 1]]), "expected ids from 0 to 2, got 0.5 in logitBias"],
    [new Map([[1, 101]]), "expected logitBias of token 1 to be in [-100, 100] or -Infinity, got 101"],
    [new Map([[1, NaN]]), "expected logitBias of token 1 to be in [-100, 100] or -Infinity, got NaN"],
    [new Map([[1, Infinity]]), "expected logitBias of token 1 to be in [-100, 100] or -Infinity, got Infinity"],
    [new Map([0, 1, 2].map((id) => [id, -Infinity])), "expected logitBias to leave a token, got -Infinity for all 3"],
    [{ 1: 5 } as unknown as LogitBias, "expected logitBias to be a Map from token id to number, got object"],
  ])("that cannot be is refused: %s", (logitBias, message) => {
    expect(() => new TokenSampler(3, { logitBias })).toThrow(`TokenSampler: ${message}`);
  });
});
