import { eye } from "@llm-learning/init";
import { expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };

test.each(fixture.eye)("eye of $shape is PyTorch's", ({ shape, data }) => {
  const actual = new Float32Array(data.length).fill(9);
  eye(actual, shape);
  expect(Array.from(actual)).toEqual(data);
});

test("eye refuses what is no matrix or does not fit", () => {
  expect(() => eye(new Float32Array(8), [2, 2, 2])).toThrow(
    new RangeError("eye: expected a shape with 2 axes, got [2, 2, 2]"),
  );
  expect(() => eye(new Float32Array(8), [3, 3])).toThrow(
    new RangeError("eye: expected data of 9 elements for shape [3, 3], got 8"),
  );
});
