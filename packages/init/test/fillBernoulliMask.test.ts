import { fillBernoulliMask, Rng } from "@llm-learning/init";
import fc from "fast-check";
import { expect, test } from "vitest";
import fixture from "./fixtures/rng.json" with { type: "json" };

test.each(fixture.mask)("a mask of probability $keepProbability is the reference's", ({ keepProbability, values }) => {
  const mask = new Uint8Array(values.length);
  fillBernoulliMask(mask, keepProbability, new Rng(42));
  expect(Array.from(mask)).toEqual(values);
});

test("a mask takes one draw for two elements, at any length and place in its buffer", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 70 }),
      fc.nat({ max: 7 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (length, offset, p) => {
        const buffer = new Uint8Array(length + offset + 3).fill(7);
        const rng = new Rng(1);
        fillBernoulliMask(buffer.subarray(offset, offset + length), p, rng);

        const reference = new Rng(1);
        const draws = reference.fillUint32(new Uint32Array(Math.ceil(length / 2)));
        const kept = Array.from({ length }, (_, i) =>
          ((draws[i >> 1] >>> (16 * (i % 2))) & 0xffff) < Math.round(p * 65536) ? 1 : 0,
        );
        expect(Array.from(buffer)).toEqual([...Array(offset).fill(7), ...kept, 7, 7, 7]);
        expect(rng.state()).toEqual(reference.state());
      },
    ),
  );
});

test.each([16_384, 16_385, 98_304, 131_071, 300_001])(
  "a mask of %i elements, drawn four at a time, has the same draws",
  (length) => {
    for (const p of [0, 0.1, 0.8, 0.99999, 1]) {
      const rng = new Rng(length);
      const reference = new Rng(length);
      // The second begins where the first has ended.
      for (let round = 0; round < 2; round++) {
        const mask = new Uint8Array(length);
        fillBernoulliMask(mask, p, rng);
        const draws = reference.fillUint32(new Uint32Array(Math.ceil(length / 2)));
        const limit = Math.round(p * 65536);
        expect(mask.every((kept, i) => kept === Number(((draws[i >> 1] >>> (16 * (i % 2))) & 0xffff) < limit))).toBe(
          true,
        );
        expect(rng.state()).toEqual(reference.state());
      }
    }
  },
);

test.each([0.1, 0.5, 0.9])("a mask keeps the share %f of a million elements", (p) => {
  const mask = new Uint8Array(1_000_000);
  fillBernoulliMask(mask, p, new Rng(8));
  const kept = mask.reduce((sum, bit) => sum + bit, 0);
  // Five standard deviations of the count, and the resolution of the probability.
  expect(Math.abs(kept - 1e6 * p)).toBeLessThan(5 * Math.sqrt(1e6 * p * (1 - p)) + 1e6 / 131072);
});

test("the probabilities 0 and 1 keep nothing and everything", () => {
  const mask = new Uint8Array(100_001);
  fillBernoulliMask(mask, 1, new Rng(2));
  expect(mask.every((bit) => bit === 1)).toBe(true);
  fillBernoulliMask(mask, 0, new Rng(2));
  expect(mask.every((bit) => bit === 0)).toBe(true);
});

test("bad arguments are refused and the target is left alone", () => {
  const mask = new Uint8Array(4).fill(9);
  expect(() => fillBernoulliMask(mask, 1.5, new Rng(0))).toThrow(
    new RangeError("fillBernoulliMask: expected keepProbability in [0, 1], got 1.5"),
  );
  expect(() => fillBernoulliMask(mask, Number.NaN, new Rng(0))).toThrow(RangeError);
  expect(() => fillBernoulliMask(mask, 0.5, undefined as never)).toThrow(
    new TypeError("fillBernoulliMask: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
  expect(() => fillBernoulliMask([1] as never, 0.5, new Rng(0))).toThrow(
    new TypeError("fillBernoulliMask: expected target to be a Uint8Array, got object"),
  );
  expect(Array.from(mask)).toEqual([9, 9, 9, 9]);
});
