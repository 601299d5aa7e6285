import { pythonShuffle } from "@llm-learning/datasets";
import { describe, expect, test } from "vitest";

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

// By CPython 3.11: random.seed(seed); items = list(range(n)); random.shuffle(items)
describe("pythonShuffle gives the order of CPython", () => {
  test.each([
    [42, [7, 3, 2, 8, 5, 6, 9, 4, 0, 1]],
    [0, [7, 8, 1, 5, 3, 4, 2, 0, 9, 6]],
    [2 ** 40 + 7, [0, 5, 2, 3, 6, 1, 8, 4, 7, 9]], // a seed of two 32-bit digits
  ])("of ten items with seed %i", (seed, expected) => {
    expect(pythonShuffle(range(10), seed)).toEqual(expected);
  });

  test.each([
    [42, [26785, 23366, 20900, 29382, 25333, 8234], [819, 3648, 20952]],
    [0, [17585, 31607, 9463, 22523, 25975, 24919], [24836, 12623, 27670]],
    [2 ** 40 + 7, [4711, 14921, 4591, 9504, 26934, 25604], [26703, 24488, 20109]],
  ])("of as many items as the lectures have names, with seed %i", (seed, first, last) => {
    const shuffled = pythonShuffle(range(32033), seed);
    expect(shuffled.slice(0, 6)).toEqual(first);
    expect(shuffled.slice(-3)).toEqual(last);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(range(32033));
  });
});

test("one item, or none, stays where it is, and the array given is the one returned", () => {
  const items = ["a"];
  expect(pythonShuffle(items, 42)).toBe(items);
  expect(pythonShuffle([], 42)).toEqual([]);
});

test.each([-1, 0.5, NaN, 2 ** 53])("seed %d is refused", (seed) => {
  expect(() => pythonShuffle([1, 2], seed)).toThrow(
    new RangeError(`pythonShuffle: expected seed to be an integer from 0 to 2^53 - 1, got ${seed}`),
  );
});
