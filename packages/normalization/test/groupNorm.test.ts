import { evaluateFloat64, graphOf, input, namedParameters } from "@llm-learning/nn-core";
import { GroupNorm, type GroupNormOptions, InstanceNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { channelCases, takeSteps } from "./channelFixture.ts";
import { largest } from "./fixture.ts";

describe("GroupNorm computes what PyTorch computes, gradients included", () => {
  it.each(channelCases("GroupNorm").map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const { groups, ...options } = one.options;
    const layer = new GroupNorm(groups as number, one.shape.at(-1)!, options as GroupNormOptions);
    for (const { name, expected, double, single } of await takeSteps(layer, one)) {
      // The fixture has 12 digits, of which the mean of 20 over its spread of 0.5 costs two.
      expect(double, name).toBeAllclose(expected, { atol: 1e-9 * largest(expected) });
      // Roundings of 6e-8, times the same 20 / 0.5. A gradient may be the small rest of terms of size 1.
      expect(single, name).toBeAllclose(expected, { atol: 5e-6 * Math.max(1, largest(expected)) });
    }
  });
});

describe("a new GroupNorm", () => {
  it("has ones as weight and zeros as bias, or neither", () => {
    expect([...namedParameters(new GroupNorm(1, 2))].map(([name, { data }]) => [name, [...data]])).toEqual([
      ["weight", [1, 1]],
      ["bias", [0, 0]],
    ]);
    expect(namedParameters(new GroupNorm(1, 2, { affine: false })).size).toBe(0);
  });

  it("with groups of one channel is an InstanceNorm, at sizes that are known only when it runs", () => {
    const x = input("x", ["batch_size", "positions", 2]);
    const graph = graphOf({ groups: new GroupNorm(2, 2).forward(x), instances: new InstanceNorm(2).forward(x) });
    const data = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i * i));
    const { groups, instances } = evaluateFloat64(graph, { x: { shape: [2, 3, 2], data } });
    expect(groups.shape).toEqual([2, 3, 2]);
    // The same sums in another order.
    expect(groups.data).toBeAllclose(instances.data, { atol: 1e-14 });
  });

  it("says what does not fit", () => {
    expect(() => new GroupNorm(4, 6)).toThrow(
      new RangeError("GroupNorm: expected a number of groups that divides the channels, got 4 groups of 6 channels"),
    );
    expect(() => new GroupNorm(0, 6)).toThrow(RangeError);
    expect(() => new GroupNorm(2, 6, { eps: Number.NaN })).toThrow("GroupNorm: expected eps >= 0, got NaN");
    expect(() => new GroupNorm(2, 6).forward(input("x", [4, 5]))).toThrow(
      new RangeError("GroupNorm.forward: expected [B, ..., 6] with an axis of examples, got [4, 5]"),
    );
    expect(() => new GroupNorm(2, 6).forward(input("x", [6]))).toThrow(RangeError);
    expect(() => new GroupNorm(6, 6).forward(input("x", [4, 6]))).toThrow(
      new RangeError(
        "GroupNorm.forward: expected more than one value in a group, got [4, 6] in 6 groups: one value has no variance; use fewer groups",
      ),
    );
  });
});
