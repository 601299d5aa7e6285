import { BatchSampler } from "@llm-learning/datasets";
import { describe, expect, test } from "vitest";

/** A generator that gives the listed numbers in turn and keeps the bounds it was asked for. */
function scripted(numbers: number[]) {
  const bounds: number[] = [];
  return {
    bounds,
    integer(bound: number): number {
      bounds.push(bound);
      return numbers[(bounds.length - 1) % numbers.length]!;
    },
    state: () => ({ drawn: bounds.length }),
  };
}

/** A small linear congruential generator (Numerical Recipes), for the uniformity test. */
function congruential(seed: number) {
  let state = seed;
  return {
    integer(bound: number): number {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    },
    state: () => state,
  };
}

const tokens = new Uint16Array([10, 11, 12, 13, 14, 15, 16, 17]);

describe("BatchSampler", () => {
  test("a batch is windows at the drawn places, and the same windows one token later", () => {
    const rng = scripted([4, 0]);
    const sampler = new BatchSampler(tokens, { batchSize: 2, blockSize: 3, rng });
    expect(sampler.next()).toEqual({
      inputs: new Int32Array([14, 15, 16, 10, 11, 12]),
      targets: new Int32Array([15, 16, 17, 11, 12, 13]),
    });
    // 8 tokens hold windows of 3 inputs and a last target at places 0 to 4: five of them.
    expect(rng.bounds).toEqual([5, 5]);
  });

  test("a text of blockSize + 1 tokens has one window", () => {
    const sampler = new BatchSampler(tokens, { batchSize: 1, blockSize: 7, rng: congruential(1) });
    expect(sampler.next()).toEqual({
      inputs: new Int32Array([10, 11, 12, 13, 14, 15, 16]),
      targets: new Int32Array([11, 12, 13, 14, 15, 16, 17]),
    });
  });

  test("given arrays are filled and returned, ids above 2^16 included", () => {
    const wide = new Uint32Array([100_000, 100_001, 100_002]);
    const sampler = new BatchSampler(wide, { batchSize: 1, blockSize: 2, rng: scripted([0]) });
    const inputs = new Int32Array(2);
    const targets = new Int32Array(2);
    const batch = sampler.next(inputs, targets);
    expect(batch.inputs).toBe(inputs);
    expect(batch.targets).toBe(targets);
    expect([...inputs, ...targets]).toEqual([100_000, 100_001, 100_001, 100_002]);
  });

  test("every place is drawn about as often as any other", () => {
    const sampler = new BatchSampler(tokens, { batchSize: 1000, blockSize: 3, rng: congruential(7) });
    const counts = new Map<number, number>();
    for (let i = 0; i < 10; i++) {
      const { inputs } = sampler.next();
      for (let row = 0; row < 1000; row++) counts.set(inputs[row * 3]!, (counts.get(inputs[row * 3]!) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([10, 11, 12, 13, 14]);
    // 10,000 draws of 5 places: mean 2000, standard deviation 40; five of them on either side.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  test("its state is the generator's", () => {
    const sampler = new BatchSampler(tokens, { batchSize: 2, blockSize: 3, rng: scripted([0]) });
    expect(sampler.state()).toEqual({ drawn: 0 });
    sampler.next();
    expect(sampler.state()).toEqual({ drawn: 2 });
    expect(sampler.state()).toEqual(sampler.rng.state());
  });

  test("a generator put back to a state gives the same batches", () => {
    const sampler = new BatchSampler(tokens, { batchSize: 4, blockSize: 2, rng: congruential(3) });
    sampler.next();
    const resumed = new BatchSampler(tokens, { batchSize: 4, blockSize: 2, rng: congruential(sampler.state()) });
    expect(resumed.next()).toEqual(sampler.next());
  });

  test("sizes, short texts and arrays of another length are refused, with nothing drawn", () => {
    const rng = scripted([0]);
    expect(() => new BatchSampler(tokens, { batchSize: 0, blockSize: 1, rng })).toThrow(
      new RangeError("BatchSampler: expected batchSize to be a positive integer, got 0"),
    );
    expect(() => new BatchSampler(tokens, { batchSize: 1, blockSize: 1.5, rng })).toThrow(
      new RangeError("BatchSampler: expected blockSize to be a positive integer, got 1.5"),
    );
    expect(() => new BatchSampler(tokens, { batchSize: 1, blockSize: 8, rng })).toThrow(
      new RangeError(
        "BatchSampler: expected at least 9 tokens (blockSize 8 + 1), got 8: use a longer text or a smaller blockSize",
      ),
    );
    const sampler = new BatchSampler(tokens, { batchSize: 2, blockSize: 3, rng });
    expect(() => sampler.next(new Int32Array(5))).toThrow(
      new RangeError("BatchSampler.next: expected inputs of length 6 (batchSize 2 * blockSize 3), got 5"),
    );
    expect(() => sampler.next(new Int32Array(6), new Int32Array(7))).toThrow(
      new RangeError("BatchSampler.next: expected targets of length 6 (batchSize 2 * blockSize 3), got 7"),
    );
    expect(rng.bounds).toEqual([]);
  });
});
