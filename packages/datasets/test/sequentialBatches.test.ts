import { IGNORED_TARGET, sequentialBatches } from "@llm-learning/datasets";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("sequentialBatches", () => {
  test("seven tokens in batches of 2 windows of 2: one full batch, one with a padded half", () => {
    const tokens = new Uint16Array([10, 11, 12, 13, 14, 15, 16]);
    expect([...sequentialBatches(tokens, { batchSize: 2, blockSize: 2 })]).toEqual([
      { inputs: new Int32Array([10, 11, 12, 13]), targets: new Int32Array([11, 12, 13, 14]) },
      { inputs: new Int32Array([14, 15, 0, 0]), targets: new Int32Array([15, 16, -1, -1]) },
    ]);
  });

  test("a text shorter than a window gives one padded batch", () => {
    expect([...sequentialBatches(new Uint32Array([7, 8]), { batchSize: 1, blockSize: 4 })]).toEqual([
      { inputs: new Int32Array([7, 0, 0, 0]), targets: new Int32Array([8, -1, -1, -1]) },
    ]);
  });

  test("every token but the first is a target once, in order, behind its own predecessor", () => {
    const sizes = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(fc.uint16Array({ minLength: 2, maxLength: 100 }), sizes, sizes, (tokens, batchSize, blockSize) => {
        const batches = [...sequentialBatches(tokens, { batchSize, blockSize })];
        expect(batches.length).toBe(Math.ceil(Math.ceil((tokens.length - 1) / blockSize) / batchSize));
        const pairs = batches.flatMap(({ inputs, targets }) => {
          expect([inputs.length, targets.length]).toEqual([batchSize * blockSize, batchSize * blockSize]);
          return Array.from(targets, (target, i) => [inputs[i], target]);
        });
        const counted = pairs.filter(([, target]) => target !== IGNORED_TARGET);
        expect(counted).toEqual(Array.from(tokens.subarray(1), (token, i) => [tokens[i], token]));
      }),
    );
  });

  test("bad sizes and texts without a target are refused at the call", () => {
    const tokens = new Uint16Array(4);
    expect(() => sequentialBatches(tokens, { batchSize: 0, blockSize: 1 })).toThrow(
      new RangeError("sequentialBatches: expected batchSize to be a positive integer, got 0"),
    );
    expect(() => sequentialBatches(tokens, { batchSize: 1, blockSize: NaN })).toThrow(
      new RangeError("sequentialBatches: expected blockSize to be a positive integer, got NaN"),
    );
    expect(() => sequentialBatches(tokens.subarray(3), { batchSize: 1, blockSize: 1 })).toThrow(
      new RangeError("sequentialBatches: expected at least 2 tokens, an input and its target, got 1"),
    );
  });
});
