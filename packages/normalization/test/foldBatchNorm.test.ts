import { Rng } from "@llm-learning/init";
import {
  conv2d,
  evaluateFloat64,
  graphOf,
  input,
  Linear,
  loadStateDict,
  namedParameters,
  Parameter,
} from "@llm-learning/nn-core";
import { BatchNorm, foldBatchNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const rng = new Rng(3);

/** A norm as training may leave it: no channel like another, means far from zero. */
function trainedNorm(features: number, affine = true): BatchNorm {
  const norm = new BatchNorm(features, { affine });
  for (const parameter of namedParameters(norm).values()) {
    for (let i = 0; i < features; i++) parameter.data[i] = 3 * rng.normal();
  }
  for (let i = 0; i < features; i++) norm.running.variance.data[i] = 0.01 + 4 * rng.uniform();
  return norm;
}

const randomValues = (length: number) => Float64Array.from({ length }, () => rng.normal());
const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

describe("foldBatchNorm makes a layer that computes what layer and norm compute in use", () => {
  it.each([
    ["without bias", false, true],
    ["with bias", true, true],
    ["affine false", true, false],
  ])("linear, %s", (_, bias, affine) => {
    const linear = new Linear(7, 5, { rng, bias });
    const norm = trainedNorm(5, affine);
    const folded = new Linear(7, 5, { rng });
    loadStateDict(folded, foldBatchNorm(linear, norm));
    const x = input("x", [6, 7]);
    const graph = graphOf({ both: norm.forward(linear.forward(x)), folded: folded.forward(x) });
    const y = evaluateFloat64(graph, { x: randomValues(42) });
    // The folded weights are rounded to float32, at 6e-8 each; the largest output has their size.
    expect(y.folded.data).toBeAllclose(y.both.data, { atol: 1e-6 * largest(y.both.data) });
  });

  it("a convolution over zero padding, with groups", () => {
    const weight = new Parameter([4, 3, 2, 1], { init: (data) => data.set(randomValues(data.length)) });
    const norm = trainedNorm(4);
    const options = { padding: 1, stride: 2, groups: 2 };
    const folded = foldBatchNorm({ weight }, norm);
    const parameter = (name: string) => {
      const { shape, data } = folded.get(name)!;
      return new Parameter(shape, { init: (values) => values.set(data) });
    };
    const x = input("x", [2, 5, 6, 2]);
    const graph = graphOf({
      both: norm.forward(conv2d(x, weight, undefined, options)),
      folded: conv2d(x, parameter("weight"), parameter("bias"), options),
    });
    const y = evaluateFloat64(graph, { x: randomValues(120) });
    // As above.
    expect(y.folded.data).toBeAllclose(y.both.data, { atol: 1e-6 * largest(y.both.data) });
  });

  it("and changes neither of them", () => {
    const linear = new Linear(2, 2, { rng });
    const norm = trainedNorm(2);
    const values = () => [...namedParameters([linear, norm]).values()].map(({ data }) => [...data]);
    const before = values();
    foldBatchNorm(linear, norm);
    expect(values()).toEqual(before);
  });
});

describe("foldBatchNorm says what does not fit", () => {
  it("a layer with another number of outputs", () => {
    expect(() => foldBatchNorm(new Linear(3, 4, { rng }), new BatchNorm(3))).toThrow(
      new RangeError(
        "foldBatchNorm: expected a layer with 3 outputs on the first axis, as the norm has features, got weight [4, 3], bias [4]",
      ),
    );
  });

  it("statistics that are none", () => {
    const norm = new BatchNorm(4);
    norm.running.variance.data[2] = -1;
    expect(() => foldBatchNorm(new Linear(3, 4, { rng }), norm)).toThrow(
      new RangeError("foldBatchNorm: expected a running variance >= 0, got -1 in channel 2"),
    );
    const constant = new BatchNorm(4, { eps: 0 });
    constant.running.variance.data[1] = 0;
    expect(() => foldBatchNorm(new Linear(3, 4, { rng }), constant)).toThrow(
      new RangeError("foldBatchNorm: expected a running variance > 0 (eps is 0), got 0 in channel 1"),
    );
  });
});
