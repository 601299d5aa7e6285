import { constant, ones, zeros } from "@llm-learning/init";
import { expect, test } from "vitest";

test("constant, zeros and ones set every element", () => {
  const data = new Float32Array(3).fill(9);
  constant(data, 0.5);
  expect(Array.from(data)).toEqual([0.5, 0.5, 0.5]);
  zeros(data);
  expect(Array.from(data)).toEqual([0, 0, 0]);
  ones(data);
  expect(Array.from(data)).toEqual([1, 1, 1]);
});

test("constant refuses what is no finite number", () => {
  expect(() => constant(new Float32Array(1), Number.NaN)).toThrow(
    new RangeError("constant: expected value to be a finite number, got NaN"),
  );
  expect(() => constant(new Float32Array(1), undefined as never)).toThrow(RangeError);
});
