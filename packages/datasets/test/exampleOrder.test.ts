import {
  ExampleSampler,
  keyedPermutation,
  PERMUTATION_KEYS,
  RandomOrder,
  ShuffledOrder,
  TextWindows,
} from "@llm-learning/datasets";
import { describe, expect, test } from "vitest";

/** A small generator (mulberry32), whose state is a number. */
class Generator {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9);
  }

  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  integer(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  state(): number {
    return this.#state;
  }
}

const keys = (seed: number): Uint32Array => {
  const rng = new Generator(seed);
  return new Uint32Array(PERMUTATION_KEYS).map(() => rng.integer(2 ** 32));
};
const keysOf = (group: number, epoch: number): Uint32Array => keys(1000 * group + epoch);
const take = (order: { next(): number }, count: number): number[] => Array.from({ length: count }, () => order.next());
const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

describe("a keyed permutation", () => {
  test.each([1, 2, 3, 4, 5, 16, 17, 1000, 4097])("of %i places has each number once", (size) => {
    const at = keyedPermutation(size, keys(size));
    expect(
      upTo(size)
        .map(at)
        .toSorted((a, b) => a - b),
    ).toEqual(upTo(size));
  });

  test("is decided by its keys, and leaves no neighbours together", () => {
    const size = 10_000;
    const at = keyedPermutation(size, keys(1));
    expect(upTo(50).map(at)).toEqual(upTo(50).map(keyedPermutation(size, keys(1))));
    expect(upTo(50).map(at)).not.toEqual(upTo(50).map(keyedPermutation(size, keys(2))));
    // Of a random order each place has a number of mean 4999.5, and neighbours differ by a third of the size: within five standard errors.
    const numbers = upTo(size).map(at);
    const steps = numbers.slice(1).map((number, i) => Math.abs(number - numbers[i]!));
    const mean = steps.reduce((sum, step) => sum + step) / steps.length;
    expect(Math.abs(mean - size / 3)).toBeLessThan((5 * size * 0.236) / Math.sqrt(size));
    const firstHalf = numbers.slice(0, size / 2).filter((number) => number < size / 2).length;
    expect(Math.abs(firstHalf - size / 4)).toBeLessThan(5 * Math.sqrt(size / 16));
  });

  test("of as many places as a file of terabytes has is computed in one go", () => {
    const at = keyedPermutation(2 ** 52, keys(3));
    const found = [0, 1, 2 ** 40, 2 ** 52 - 1].map(at);
    expect(new Set(found).size).toBe(4);
    expect(found.every((number) => Number.isSafeInteger(number) && number >= 0 && number < 2 ** 52)).toBe(true);
    expect(() => at(2 ** 52)).toThrow(/^keyedPermutation: expected a place from 0 to 4503599627370495, got /);
    expect(() => keyedPermutation(0, keys(1))).toThrow(/expected size to be an integer from 1 to 2\^52, got 0$/);
    expect(() => keyedPermutation(9, new Uint32Array(2))).toThrow("keyedPermutation: expected 6 keys, got 2");
  });
});

describe("a random order", () => {
  test("of one group has the draws of ExampleSampler", () => {
    const windows = new TextWindows(Uint16Array.from(upTo(100)), 4);
    const { inputs } = new ExampleSampler(windows, { batchSize: 20, rng: new Generator(5) }).next();
    const order = new RandomOrder([{ size: windows.size, weight: 3 }], new Generator(5));
    expect(take(order, 20)).toEqual(upTo(20).map((row) => inputs[4 * row]));
  });

  test("draws groups by their weights, whatever their sizes", () => {
    const groups = [
      { size: 1000, weight: 1 },
      { size: 3, weight: 6 },
      { size: 5, weight: 3 },
    ];
    const numbers = take(new RandomOrder(groups, new Generator(2)), 10_000);
    const counts = [0, 1000, 1003].map(
      (begin, group) => numbers.filter((number) => number >= begin && number < begin + groups[group]!.size).length,
    );
    // Five standard deviations of a share p of 10,000 draws, at most 250.
    for (const [group, expected] of [1000, 6000, 3000].entries()) {
      expect(Math.abs(counts[group]! - expected)).toBeLessThan(250);
    }
    expect(counts.reduce((sum, count) => sum + count)).toBe(10_000);
    expect(new Set(numbers.filter((number) => number >= 1000)).size).toBe(8);
  });
});

describe("a shuffled order", () => {
  test("has every example once in an epoch, and another order in the next", () => {
    const order = new ShuffledOrder([{ size: 50, weight: 1 }], { keysOf });
    const [first, second] = [take(order, 50), take(order, 50)];
    for (const epoch of [first, second]) expect(epoch.toSorted((a, b) => a - b)).toEqual(upTo(50));
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(upTo(50));
  });

  // Weights 2 and 1, by hand: after n draws the shares are 2n/3 and n/3; the first is behind by 2/3, then by 1/3 against 2/3, then 1 and 0.
  test("lets groups take turns by their weights", () => {
    const groups = [
      { size: 4, weight: 2 },
      { size: 3, weight: 1 },
    ];
    const order = new ShuffledOrder(groups, { keysOf });
    const turns = take(order, 12).map((number) => (number < 4 ? "a" : "b"));
    expect(turns.join("")).toBe("abaabaabaaba");
    expect(order.drawn).toEqual([8, 4]);
  });

  // The one furthest behind lacks at least its part of the draw that comes; with it, it is less than a draw ahead.
  test("has no group a whole draw ahead of its share, whatever the weights", () => {
    const weights = [0.7569747, 0.0031077, 0.0034887, 0.0159804, 0.2012503, 0.7125975, 0.0006799];
    const total = weights.reduce((sum, weight) => sum + weight);
    const order = new ShuffledOrder(
      weights.map((weight) => ({ size: 5, weight })),
      { keysOf },
    );
    for (let n = 1; n <= 600; n++) {
      order.next();
      const ahead = order.drawn.map((count, group) => count - (n * weights[group]!) / total);
      expect(Math.max(...ahead)).toBeLessThan(1 - 1 / weights.length + 1e-9);
    }
  });

  test("goes on from what has been drawn", () => {
    const groups = [
      { size: 7, weight: 0.7 },
      { size: 300, weight: 0.3 },
    ];
    const whole = take(new ShuffledOrder(groups, { keysOf }), 60);
    const begun = new ShuffledOrder(groups, { keysOf });
    take(begun, 23);
    expect(take(new ShuffledOrder(groups, { keysOf, drawn: begun.drawn }), 37)).toEqual(whole.slice(23));
  });
});

test("groups that are none are refused", () => {
  expect(() => new RandomOrder([], new Generator(1))).toThrow(
    "RandomOrder: expected at least one group of examples, got none",
  );
  expect(() => new RandomOrder([{ size: 0, weight: 1 }], new Generator(1))).toThrow(
    /expected size to be a positive integer, got 0$/,
  );
  expect(() => new ShuffledOrder([{ size: 1, weight: 0 }], { keysOf })).toThrow(
    "ShuffledOrder: expected weights above 0, got 0",
  );
  expect(() => new ShuffledOrder([{ size: 1, weight: 1 }], { keysOf, drawn: [1, 2] })).toThrow(
    "ShuffledOrder: expected a number of draws for each of 1 groups, got 1, 2",
  );
});

test("windows with a stride do not overlap, and the rest at the end is in none", () => {
  const windows = new TextWindows(Uint16Array.from(upTo(12)), 4, { stride: 4 });
  expect(windows.size).toBe(2);
  const [inputs, targets] = [new Int32Array(8), new Int32Array(8)];
  windows.write(0, inputs, targets, 0);
  windows.write(1, inputs, targets, 1);
  expect([...targets]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new TextWindows(Uint16Array.from(upTo(13)), 4, { stride: 4 }).size).toBe(3);
});
