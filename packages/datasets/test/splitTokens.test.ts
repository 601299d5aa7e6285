import { splitTokens } from "@llm-learning/datasets";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("splitTokens", () => {
  const ten = new Uint16Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

  test("the first nine tenths train, the rest validates", () => {
    expect(splitTokens(ten)).toEqual({ train: ten.slice(0, 9), validation: ten.slice(9) });
    expect(splitTokens(ten, { validationFraction: 0.5 }).validation).toEqual(new Uint16Array([5, 6, 7, 8, 9]));
    expect(splitTokens(ten, { validationFraction: 0 }).validation.length).toBe(0);
  });

  test("the lengths are those of nanoGPT's int(n * 0.9) for tiny Shakespeare", () => {
    const { train, validation } = splitTokens(new Uint16Array(1_115_394));
    expect([train.length, validation.length]).toEqual([1_003_854, 111_540]);
  });

  test("the parts are views", () => {
    const { train, validation } = splitTokens(ten);
    expect([train.buffer, validation.buffer]).toEqual([ten.buffer, ten.buffer]);
  });

  test("a text that was cut before it was encoded is cut there again", () => {
    expect(splitTokens(ten, { trainLength: 7 })).toEqual({ train: ten.slice(0, 7), validation: ten.slice(7) });
    expect(() => splitTokens(ten, { trainLength: 8, blockSize: 2 })).toThrow(
      "splitTokens: expected at least 3 tokens (blockSize 2 + 1) in the validation part, got 2 of a text of 10: use a text of " +
        "at least 30 tokens or a smaller blockSize",
    );
  });

  test.each([-1, 11, 1.5, NaN])("a trainLength of %s is refused", (trainLength) => {
    expect(() => splitTokens(ten, { trainLength })).toThrow(
      new RangeError(`splitTokens: expected trainLength to be an integer from 0 to 10, got ${trainLength}`),
    );
  });

  test("a text that is too short says how long it is and how long it must be", () => {
    expect(() => splitTokens(new Uint16Array(1000), { blockSize: 256 })).toThrow(
      new RangeError(
        "splitTokens: expected at least 257 tokens (blockSize 256 + 1) in the validation part, " +
          "got 100 of a text of 1000: use a text of at least 2570 tokens or a smaller blockSize",
      ),
    );
    expect(() => splitTokens(new Uint16Array(100), { blockSize: 64, validationFraction: 0.75 })).toThrow(
      new RangeError(
        "splitTokens: expected at least 65 tokens (blockSize 64 + 1) in the train part, " +
          "got 25 of a text of 100: use a text of at least 260 tokens or a smaller blockSize",
      ),
    );
    expect(() => splitTokens(new Uint16Array(), { blockSize: 8, validationFraction: 0 })).toThrow(
      new RangeError(
        "splitTokens: expected at least 9 tokens (blockSize 8 + 1) in the train part, " +
          "got 0 of a text of 0: use a text of at least 9 tokens or a smaller blockSize",
      ),
    );
    expect(splitTokens(new Uint16Array(9), { blockSize: 8, validationFraction: 0 }).train.length).toBe(9);
  });

  test("a text as long as the message asks for is long enough, and the parts make up the text", () => {
    const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fraction, fc.integer({ min: 1, max: 300 }), (validationFraction, blockSize) => {
        let message = "";
        try {
          splitTokens(new Uint16Array(), { validationFraction, blockSize });
        } catch (error) {
          message = (error as Error).message;
        }
        const length = Number(/text of at least (\d+) tokens/.exec(message)?.[1]);
        const { train, validation } = splitTokens(new Uint16Array(length), { validationFraction, blockSize });
        expect(train.length + validation.length).toBe(length);
      }),
    );
  });

  test.each([-0.1, 1, NaN, Infinity])("a validationFraction of %s is refused", (validationFraction) => {
    expect(() => splitTokens(ten, { validationFraction })).toThrow(
      new RangeError(`splitTokens: expected validationFraction from 0 to below 1, got ${validationFraction}`),
    );
  });

  test.each([0, 1.5, NaN])("a blockSize of %s is refused", (blockSize) => {
    expect(() => splitTokens(ten, { blockSize })).toThrow(
      new RangeError(`splitTokens: expected blockSize to be a positive integer, got ${blockSize}`),
    );
  });
});
