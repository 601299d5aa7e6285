import { fans } from "@llm-learning/init";
import { expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };

test.each(fixture.fans)(
  "fans of PyTorch's shape $shape are PyTorch's, in either layout",
  ({ shape, fanIn, fanOut }) => {
    expect(fans(shape, { layout: "channelsFirst" })).toEqual({ fanIn, fanOut });
    const [outChannels, inChannels, ...kernel] = shape;
    expect(fans([outChannels, ...kernel, inChannels])).toEqual({ fanIn, fanOut });
  },
);

test("a matrix is [outFeatures, inFeatures] in both layouts", () => {
  expect(fans([64, 128])).toEqual({ fanIn: 128, fanOut: 64 });
  expect(fans([64, 128], { layout: "channelsFirst" })).toEqual({ fanIn: 128, fanOut: 64 });
});

test("bad shapes and layouts are refused", () => {
  expect(() => fans([5])).toThrow(new RangeError("fans: expected a shape with at least 2 axes, got [5]"));
  expect(() => fans([5, 0])).toThrow(new RangeError("fans: expected a shape of integers >= 1, got [5, 0]"));
  expect(() => fans([5, 1.5])).toThrow(RangeError);
  expect(() => fans([5, Number.NaN])).toThrow(RangeError);
  expect(() => fans(5 as never)).toThrow(new TypeError("fans: expected shape to be an array of integers, got number"));
  expect(() => fans([5, 5], { layout: "NHWC" as never })).toThrow(
    new RangeError('fans: expected layout "channelsLast" or "channelsFirst", got "NHWC"'),
  );
});
