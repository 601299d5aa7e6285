import { dirac } from "@llm-learning/init";
import { describe, expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };

describe.each(fixture.dirac)("dirac of $channelsFirst.shape in $groups groups is PyTorch's", (weight) => {
  test.each(["channelsFirst", "channelsLast"] as const)("%s", (layout) => {
    const { shape, data } = weight[layout];
    const actual = new Float32Array(data.length).fill(9);
    dirac(actual, shape, { groups: weight.groups, layout });
    expect(Array.from(actual)).toEqual(data);
  });
});

test("dirac refuses what is no convolution weight or does not fit", () => {
  const data = new Float32Array(18);
  expect(() => dirac(data, [6, 3])).toThrow(new RangeError("dirac: expected a shape with 3 to 5 axes, got [6, 3]"));
  expect(() => dirac(data, [2, 3, 4])).toThrow(
    new RangeError("dirac: expected data of 24 elements for shape [2, 3, 4], got 18"),
  );
  expect(() => dirac(data, [2, 3, 3], { groups: 3 })).toThrow(
    new RangeError("dirac: expected groups to divide the 2 output channels, got 3"),
  );
  expect(() => dirac(data, [2, 3, 3], { groups: 0 })).toThrow(
    new RangeError("dirac: expected groups to be an integer >= 1, got 0"),
  );
});
