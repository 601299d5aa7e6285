import { Rng } from "@llm-learning/init";
import { graphOf, input, Linear, namedParameters, Training } from "@llm-learning/nn-core";
import { InstanceNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { channelCases, takeSteps } from "./channelFixture.ts";
import { largest } from "./fixture.ts";

describe("InstanceNorm computes what PyTorch computes: outputs, gradients, running statistics, eval mode", () => {
  it.each(channelCases("InstanceNorm").map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const { running = false, ...options } = one.options;
    const layer = new InstanceNorm(one.shape.at(-1)!, { ...options, trackRunningStats: running as boolean });
    for (const { name, expected, double, single } of await takeSteps(layer, one)) {
      // The fixture has 12 digits, of which the mean of 20 over its spread of 0.5 costs two.
      expect(double, name).toBeAllclose(expected, { atol: 1e-9 * largest(expected) });
      // Roundings of 6e-8, times the same 20 / 0.5. A gradient may be the small rest of terms of size 1.
      expect(single, name).toBeAllclose(expected, { atol: 5e-6 * Math.max(1, largest(expected)) });
    }
  });
});

describe("a new InstanceNorm", () => {
  it("has no parameters, as PyTorch's, unless asked for", () => {
    expect(namedParameters(new InstanceNorm(2)).size).toBe(0);
    const names = [...namedParameters(new InstanceNorm(2, { affine: true, trackRunningStats: true })).keys()];
    expect(names).toEqual(["weight", "bias", "running.mean", "running.variance"]);
  });

  it("without running statistics announces none", () => {
    const training = new Training();
    new InstanceNorm(2).forward(input("x", [4, 3, 2]), training);
    expect(training.updates.size).toBe(0);
  });

  it("says what does not fit", () => {
    expect(() => new InstanceNorm(2).forward(input("x", [4, 2]))).toThrow(
      new RangeError("InstanceNorm.forward: expected [B, ..., 2] with an axis of positions, got [4, 2]"),
    );
    expect(() => new InstanceNorm(3).forward(input("x", [4, 3, 8]))).toThrow(
      "got [4, 3, 8]; channels are the last axis here: transpose it",
    );
    expect(() => new InstanceNorm(2).forward(input("x", [4, 1, 2]))).toThrow(
      new RangeError(
        "InstanceNorm.forward: expected more than one position for each example, got [4, 1, 2]: one value has no variance",
      ),
    );
    const running = new InstanceNorm(2, { trackRunningStats: true });
    expect(() => running.forward(input("x", ["batch_size", 3, 2]), new Training())).toThrow(
      new RangeError(
        "InstanceNorm.forward: expected a static shape in training, got [batch_size, 3, 2]; trace training graphs with numbers",
      ),
    );
    expect(graphOf({ y: running.forward(input("x", ["batch_size", "positions", 2])) }).outputs.size).toBe(1);
  });

  it("refuses a bias before it in training", () => {
    const y = new Linear(3, 2, { rng: new Rng(1) }).forward(input("x", [4, 5, 3]));
    expect(() => new InstanceNorm(2).forward(y, new Training())).toThrow(
      "InstanceNorm.forward: expected a layer without bias before it, got one with bias [2]",
    );
    expect(new InstanceNorm(2, { allowBias: true }).forward(y, new Training()).shape).toEqual([4, 5, 2]);
  });
});
