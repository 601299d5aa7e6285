import { Rng } from "@llm-learning/init";
import {
  add,
  conv1d,
  evaluateFloat64,
  grad,
  graphOf,
  input,
  Linear,
  mul,
  namedParameters,
  Parameter,
  parameterCount,
  referenceEngine,
  reshape,
  sum,
  tap,
  Training,
  transpose,
} from "@llm-learning/nn-core";
import { BatchNorm, type BatchNormOptions, LayerNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";
import { channelCases, takeSteps } from "./channelFixture.ts";
import { largest } from "./fixture.ts";

const rng = new Rng(1);

describe("BatchNorm computes what PyTorch computes: outputs, gradients, running statistics, eval mode", () => {
  it.each(channelCases("BatchNorm").map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const layer = new BatchNorm(one.shape.at(-1)!, one.options as BatchNormOptions);
    for (const { name, expected, double, single } of await takeSteps(layer, one)) {
      // The fixture has 12 digits, of which the mean of 20 over its spread of 0.5 costs two.
      expect(double, name).toBeAllclose(expected, { atol: 1e-9 * largest(expected) });
      // Roundings of 6e-8, times the same 20 / 0.5. A gradient may be the small rest of terms of size 1.
      expect(single, name).toBeAllclose(expected, { atol: 5e-6 * Math.max(1, largest(expected)) });
    }
  });
});

describe("a new BatchNorm", () => {
  it("has weight and bias to learn, and running statistics that are not learned", () => {
    const layer = new BatchNorm(2);
    expect([...namedParameters(layer)].map(([name, { data, trainable }]) => [name, [...data], trainable])).toEqual([
      ["weight", [1, 1], true],
      ["bias", [0, 0], true],
      ["running.mean", [0, 0], false],
      ["running.variance", [1, 1], false],
    ]);
    expect(parameterCount(layer)).toBe(4);
  });

  it("counts batches for the plain average only", () => {
    const names = [...namedParameters(new BatchNorm(2, { momentum: null, affine: false })).keys()];
    expect(names).toEqual(["running.mean", "running.variance", "running.batches"]);
  });

  it("takes the first batch of the plain average as it is, however small its variance", async () => {
    const layer = new BatchNorm(1, { momentum: null });
    const training = new Training();
    layer.forward(input("x", [2, 1]), training);
    const graph = graphOf({ variance: training.updates.get(layer.running.variance)! });
    const program = await referenceEngine().compile(graph);
    const { variance } = await program.run({ x: Float32Array.of(-1e-5, 1e-5) });
    // 2e-10, which is lost beside the 1 that stood there; PyTorch gives it to the last digits as well.
    expect(Number(variance.data[0]) / 2e-10).toBeCloseTo(1, 6);
  });

  it("in use leaves standard data as they are, but for eps", () => {
    const graph = graphOf({ y: new BatchNorm(2, { eps: 0 }).forward(input("x", ["batch_size", 2])) });
    const { y } = evaluateFloat64(graph, { x: { shape: [1, 2], data: new Float64Array([3, -4]) } });
    expect([...y.data]).toEqual([3, -4]);
  });
});

describe("LayerNorm is BatchNorm turned by 90 degrees:", () => {
  it("of the transposed batch, BatchNorm in training makes what LayerNorm makes of the batch, transposed", () => {
    const x = input("x", [3, 5]);
    const turned = transpose(new BatchNorm(3).forward(transpose(x, [1, 0]), new Training()), [1, 0]);
    const graph = graphOf({ turned, layer: new LayerNorm(5).forward(x) });
    const { turned: batch, layer } = evaluateFloat64(graph, {
      x: Float64Array.from({ length: 15 }, () => rng.normal()),
    });
    // The same sums in another order.
    expect(batch.data).toBeAllclose(layer.data, { atol: 1e-14 });
  });
});

describe("the modes of BatchNorm", () => {
  const x = Float64Array.of(1, 10, 3, 30, 8, 20);

  it("couple the examples of a batch in training, and never in use", () => {
    const layer = new BatchNorm(2);
    const changed = Float64Array.from([...x.slice(0, 4), 100, 200]);
    const firstRows = (training?: Training) => {
      const graph = graphOf({ y: layer.forward(input("x", [3, 2]), training) });
      return [x, changed].map((rows) => evaluateFloat64(graph, { x: rows }).y.data.slice(0, 4));
    };
    const [trained, trainedAmongOthers] = firstRows(new Training());
    const [used, usedAmongOthers] = firstRows();
    expect(trained).not.toEqual(trainedAmongOthers);
    expect(used).toEqual(usedAmongOthers);
  });

  it("announce new statistics in training only, and change nothing by themselves", () => {
    const layer = new BatchNorm(2);
    const training = new Training();
    layer.forward(input("x", [3, 2]), training);
    expect([...training.updates.keys()]).toEqual([layer.running.mean, layer.running.variance]);
    expect([...layer.running.mean.data]).toEqual([0, 0]);
  });

  it("refuse a layer that is applied twice in one trace: it keeps the statistics of one place", () => {
    const layer = new BatchNorm(2);
    const training = new Training();
    layer.forward(input("x", [3, 2]), training);
    expect(() => layer.forward(input("z", [3, 2]), training)).toThrow(
      "a layer that keeps statistics was applied twice",
    );
  });
});

describe("BatchNorm says what does not fit", () => {
  it("a batch of one value for each channel in training, whatever the rank", () => {
    const layer = new BatchNorm(4);
    expect(() => layer.forward(input("x", [1, 4]), new Training())).toThrow(
      new RangeError(
        "BatchNorm.forward: expected more than one value for each channel in training, got [1, 4]: one value has no variance; " +
          "use a larger batch (leave out a last batch of one), or forward without training",
      ),
    );
    expect(() => layer.forward(input("x", [1, 1, 1, 4]), new Training())).toThrow(RangeError);
    expect(() => layer.forward(input("x", [0, 4]), new Training())).toThrow(RangeError);
    expect(layer.forward(input("x", [1, 4])).shape).toEqual([1, 4]);
    expect(layer.forward(input("x", [1, 2, 4]), new Training()).shape).toEqual([1, 2, 4]);
  });

  it("sizes that are not known in training", () => {
    expect(() => new BatchNorm(4).forward(input("x", ["batch_size", 4]), new Training())).toThrow(
      new RangeError(
        "BatchNorm.forward: expected a static shape in training, got [batch_size, 4]; trace training graphs with numbers",
      ),
    );
  });

  it("another number of channels, and channels that come first", () => {
    expect(() => new BatchNorm(64).forward(input("x", [8, 32]))).toThrow(
      new RangeError("BatchNorm.forward: expected [..., 64] with an axis of examples, got [8, 32]"),
    );
    expect(() => new BatchNorm(8).forward(input("x", [8]))).toThrow(RangeError);
    expect(() => new BatchNorm(3).forward(input("x", [2, 3, 8, 8]))).toThrow(
      "got [2, 3, 8, 8]; channels are the last axis here: transpose it",
    );
  });

  it("options out of range", () => {
    expect(() => new BatchNorm(2, { eps: -1 })).toThrow(new RangeError("BatchNorm: expected eps >= 0, got -1"));
    expect(() => new BatchNorm(2, { momentum: 1.5 })).toThrow(
      "expected a momentum in [0, 1] (the weight of the new batch), or null for the plain average, got 1.5",
    );
    expect(() => new BatchNorm(0)).toThrow("Parameter: expected dimensions that are integers > 0, got [0]");
  });
});

describe("a bias before BatchNorm", () => {
  const biased = new Linear(3, 4, { rng });
  const norm = () => new BatchNorm(4);
  const x = input("x", [8, 3]);

  it("is refused in training, with what to do about it", () => {
    expect(() => norm().forward(biased.forward(x), new Training())).toThrow(
      new Error(
        "BatchNorm.forward: expected a layer without bias before it, got one with bias [4]: the mean that is subtracted takes the " +
          "bias away again, and its gradient is zero; make it with { bias: false } (the norm has a bias of its own), or, where its " +
          "output is used elsewhere too, the norm with { allowBias: true }",
      ),
    );
  });

  it("is seen behind taps and reshapes, and in a convolution", () => {
    const seen = "expected a layer without bias before it";
    const behind = reshape(tap(biased.forward(x), "hidden"), [2, 4, 4]);
    expect(() => norm().forward(behind, new Training())).toThrow(seen);
    const convolved = conv1d(input("x", [2, 8, 3]), new Parameter([4, 2, 3]), new Parameter([4]));
    expect(() => norm().forward(convolved, new Training())).toThrow(seen);
  });

  it("has a gradient of zero, as it says", () => {
    const allowed = new BatchNorm(4, { allowBias: true });
    const y = allowed.forward(biased.forward(x), new Training());
    const [bias, weight] = grad(sum(mul(y, input("cotangent", [8, 4]))), [biased.bias!, biased.weight]);
    const values = (length: number) => Float64Array.from({ length }, () => rng.normal());
    const gradients = evaluateFloat64(graphOf({ bias, weight }), { x: values(24), cotangent: values(32) });
    // What is left of sums of 8 numbers of size 1 in double precision.
    expect(gradients.bias.data).toBeAllclose([0, 0, 0, 0], { atol: 1e-14 });
    expect(largest([...gradients.weight.data])).toBeGreaterThan(0.1);
  });

  it("is accepted in use, and where it was asked for", () => {
    expect(norm().forward(biased.forward(x)).shape).toEqual([8, 4]);
    expect(new BatchNorm(4, { allowBias: true }).forward(biased.forward(x), new Training()).shape).toEqual([8, 4]);
  });

  it("is not seen where there is none: no bias, a residual sum, another layout of channels", () => {
    const plain = new Linear(3, 4, { rng, bias: false }).forward(x);
    const sums = [
      plain,
      add(plain, input("residual", [8, 4])),
      add(plain, new Parameter([8, 4])),
      reshape(new Linear(3, 8, { rng }).forward(x), [16, 4]),
    ];
    for (const y of sums) expect(norm().forward(y, new Training()).rank).toBe(2);
  });
});
