import { Rng } from "@llm-learning/init";
import { evaluateFloat64, graphOf, input, Linear, namedParameters } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const fill = (value: number) => (data: Float32Array) => data.fill(value);

describe("Linear", () => {
  it("multiplies by the transposed weight and adds the bias, for any number of leading axes", () => {
    const layer = new Linear(3, 2, { rng: new Rng(1) });
    layer.weight.data.set([1, 2, 3, 4, 5, 6]);
    layer.bias!.data.set([10, 20]);
    const y = layer.forward(input("x", [2, 1, 3]));
    expect(y.shape).toEqual([2, 1, 2]);
    // [1, 0, -1] gives 1 - 3 + 10 and 4 - 6 + 20; [0, 1, 0] gives 2 + 10 and 5 + 20.
    const result = evaluateFloat64(graphOf({ y }), { x: new Float64Array([1, 0, -1, 0, 1, 0]) });
    expect([...result.y.data]).toEqual([8, 18, 12, 25]);
  });

  it("has weight [outFeatures, inFeatures] and bias [outFeatures], or no bias", () => {
    const shapes = (bias: boolean) =>
      [...namedParameters(new Linear(3, 2, { rng: new Rng(1), bias }))].map(([name, { shape }]) => [name, shape]);
    expect(shapes(true)).toEqual([
      ["weight", [2, 3]],
      ["bias", [2]],
    ]);
    expect(shapes(false)).toEqual([["weight", [2, 3]]]);
  });

  it("starts uniform within 1 / sqrt(inFeatures), as PyTorch", () => {
    const layer = new Linear(64, 500, { rng: new Rng(1) });
    for (const { data } of [layer.weight, layer.bias!]) {
      const largest = Math.max(...data);
      const smallest = Math.min(...data);
      expect(largest).toBeLessThanOrEqual(1 / 8);
      expect(smallest).toBeGreaterThanOrEqual(-1 / 8);
      // Of 500 numbers, the largest is below 95% of the bound with probability 0.975^500 = 3e-6.
      expect(largest).toBeGreaterThan(0.95 / 8);
      expect(smallest).toBeLessThan(-0.95 / 8);
    }
  });

  it("starts as the given initializers say", () => {
    const layer = new Linear(2, 2, { rng: new Rng(1), weightInit: fill(3), biasInit: fill(4) });
    expect([...layer.weight.data, ...layer.bias!.data]).toEqual([3, 3, 3, 3, 4, 4]);
  });

  it("refuses an input of another width", () => {
    const layer = new Linear(4, 8, { rng: new Rng(1) });
    expect(() => layer.forward(input("x", ["batch_size", 5]))).toThrow(
      new RangeError(
        "linear: expected x [..., inFeatures], weight [outFeatures, inFeatures] and bias [outFeatures], got " +
          "[batch_size, 5], [8, 4], [8]",
      ),
    );
  });
});
