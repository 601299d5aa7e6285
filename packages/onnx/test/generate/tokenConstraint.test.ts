import { keepAllowed, type TokenConstraint, TokenSampler } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const words = (V: number, ids: Iterable<number>): Uint32Array => {
  const bits = new Uint32Array(Math.ceil(V / 32));
  for (const id of ids) bits[id >>> 5] |= 1 << (id & 31);
  return bits;
};

describe("tokens that may come next", () => {
  it("keep their logits, and all others are minus infinity", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.infiniteStream(fc.boolean()), (V, coins) => {
        const logits = Float32Array.from({ length: V }, (_, id) => Math.fround(Math.sin(id)));
        const ids = new Set([...logits.keys()].filter((id) => id === V - 1 || coins.next().value === true));
        const kept = keepAllowed(logits, words(V, ids));
        expect([...kept]).toEqual([...logits].map((logit, id) => (ids.has(id) ? logit : -Infinity)));
      }),
    );
  });

  it("are told apart at the ends of words, and bits behind the vocabulary mean nothing", () => {
    const logits = new Float32Array(33).fill(1);
    const kept = keepAllowed(logits, Uint32Array.of(2 ** 31 + 1, 2 ** 32 - 1));
    expect([...kept.keys()].filter((id) => kept[id] === 1)).toEqual([0, 31, 32]);
  });

  it("are refused in too few words, and where there are none", () => {
    expect(() => keepAllowed(new Float32Array(33), new Uint32Array(1))).toThrow(
      "keepAllowed: expected 2 words for 33 tokens, got 1",
    );
    expect(() => keepAllowed(new Float32Array(33), new Uint32Array(2))).toThrow(
      "keepAllowed: expected a token that may come next, got none allowed",
    );
    const ruledOut = Float32Array.of(1, -Infinity);
    expect(() => keepAllowed(ruledOut, Uint32Array.of(2))).toThrow("got none allowed");
  });
});

describe("a sampler under a constraint", () => {
  const V = 40;
  /** Allows the tokens of the list in turn, and remembers what it was told. */
  const constraintOf = (...allowed: number[][]): TokenConstraint & { accepted: number[] } => {
    const accepted: number[] = [];
    return {
      accepted,
      allowed: () => words(V, allowed[accepted.length]),
      accept: (token) => void accepted.push(token),
    };
  };
  const logits = Float32Array.from({ length: V }, (_, id) => -id);

  it("takes the best of the allowed tokens, and tells the constraint", () => {
    const constraint = constraintOf([9, 4, 30], [39, 33]);
    const sampler = new TokenSampler(V, { constraint });
    expect([sampler.next(logits).token, sampler.next(logits).token]).toEqual([4, 33]);
    expect(constraint.accepted).toEqual([4, 33]);
  });

  it("rules tokens out after bias and penalties, and reports the model's own probabilities", () => {
    const options = { logitBias: new Map([[20, 100]]), logprobs: 1 };
    const sampled = new TokenSampler(V, { ...options, constraint: constraintOf([7, 8]) }).next(logits);
    expect(sampled.token).toBe(7);
    expect(sampled.topLogprobs).toEqual(new TokenSampler(V, options).next(logits).topLogprobs);
    expect(sampled.logprob).toBeCloseTo((sampled.topLogprobs?.[0].logprob ?? 0) - 7, 6);
  });

  it("never draws another token, whatever the filters", () => {
    const rng = { uniform: () => 0.999 };
    const sampler = new TokenSampler(V, {
      temperature: 5,
      topK: 3,
      topP: 0.9,
      rng,
      constraint: constraintOf([35, 38]),
    });
    expect(sampler.next(logits).token).toBe(38);
  });
});
