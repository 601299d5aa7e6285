import { Rng } from "@llm-learning/init";
import {
  Dropout,
  Linear,
  mul,
  namedParameters,
  referenceEngine,
  tanh,
  type Tensor,
  type Training,
} from "@llm-learning/nn-core";
import { BatchNorm, calibrate, type CalibrationBatch, InstanceNorm } from "@llm-learning/normalization";
import { describe, expect, it } from "vitest";
import "@llm-learning/testing/toBeAllclose";

const engine = referenceEngine();
const rng = new Rng(5);

/** 40 rows of 3 features with means and spreads of their own. */
const rows = Array.from({ length: 40 }, () => [rng.normal(), 5 + 2 * rng.normal(), -30 + 0.1 * rng.normal()]);

function batchesOf(...sizes: number[]): CalibrationBatch[] {
  let from = 0;
  return sizes.map((size) => {
    const data = Float32Array.from(rows.slice(from, from + size).flat());
    from += size;
    return { x: { shape: [size, 3], data } };
  });
}

function momentsOf(values: number[][]) {
  const mean = values[0].map((_, c) => values.reduce((total, row) => total + row[c], 0) / values.length);
  const squares = mean.map((center, c) => values.reduce((total, row) => total + (row[c] - center) ** 2, 0));
  return { mean, variance: squares.map((total) => total / (values.length - 1)) };
}

const applied =
  (layer: { forward(x: Tensor, training?: Training): Tensor }) =>
  (inputs: Readonly<Record<string, Tensor>>, training: Training) =>
    layer.forward(inputs.x, training);

describe("calibrate", () => {
  it.each([
    ["one batch", [40]],
    ["equal batches", [10, 10, 10, 10]],
    ["unequal batches", [16, 16, 6, 2]],
  ])("gives a BatchNorm the mean and unbiased variance of the data set: %s", async (_, sizes) => {
    const norm = new BatchNorm(3);
    norm.running.mean.data.fill(7);
    expect(await calibrate(engine, applied(norm), batchesOf(...sizes))).toBe(sizes.length);
    const { mean, variance } = momentsOf(rows);
    // Batches are float32: a mean of 30 to 2e-6, its deviations of 0.1 to 2e-5 of themselves and their squares to twice that.
    expect(norm.running.mean.data).toBeAllclose(mean, { rtol: 2e-7, atol: 1e-6 });
    expect(norm.running.variance.data).toBeAllclose(variance, { rtol: 5e-5 });
  });

  it("replaces what training left behind, whatever the momentum, and counts the batches", async () => {
    const [moving, cumulative] = [new BatchNorm(3), new BatchNorm(3, { momentum: null })];
    for (const norm of [moving, cumulative]) await calibrate(engine, applied(norm), batchesOf(20, 20));
    expect(moving.running.mean.data).toEqual(cumulative.running.mean.data);
    expect([...cumulative.running.batches!.data]).toEqual([2]);
  });

  it("gives later layers the statistics of what the earlier ones made of each batch", async () => {
    const [first, second] = [new BatchNorm(3, { eps: 0 }), new BatchNorm(3)];
    await calibrate(
      engine,
      ({ x }, training) => second.forward(mul(first.forward(x, training), 2), training),
      batchesOf(20, 20),
    );
    // Each batch leaves the first layer with mean 0 and variance 1, so 4 after doubling: 160 over 40 values, less one.
    // The mean of 30 over its spread of 0.1 makes 4e-5 of a rounding of 6e-8.
    expect(second.running.mean.data).toBeAllclose([0, 0, 0], { atol: 4e-5 });
    expect(second.running.variance.data).toBeAllclose([160 / 39, 160 / 39, 160 / 39], { rtol: 1e-5 });
  });

  it("takes batches from an asynchronous source, dropout masks, and inputs that no layer needs", async () => {
    const model = { linear: new Linear(3, 4, { rng, bias: false }), norm: new BatchNorm(4), dropout: new Dropout(0.5) };
    const forward = ({ x }: Readonly<Record<string, Tensor>>, training: Training) =>
      model.norm.forward(model.linear.forward(model.dropout.forward(x, training)), training);
    async function* source() {
      for (const batch of batchesOf(20, 20)) yield { ...batch, targets: { shape: [20], data: new Int32Array(20) } };
    }
    const count = await calibrate(engine, forward, source(), { rng: new Rng(2) });
    expect(count).toBe(2);
    expect(model.norm.running.mean.data.some((value) => value !== 0)).toBe(true);
  });

  it("averages the statistics of examples for an InstanceNorm, as its running ones are", async () => {
    const norm = new InstanceNorm(3, { trackRunningStats: true });
    const [batch, rest] = batchesOf(30, 10);
    const shaped = [{ x: { shape: [3, 10, 3], data: batch.x.data } }, { x: { shape: [1, 10, 3], data: rest.x.data } }];
    await calibrate(engine, applied(norm), shaped);
    const examples = [0, 10, 20, 30].map((from) => momentsOf(rows.slice(from, from + 10)));
    const average = (of: "mean" | "variance") =>
      [0, 1, 2].map((c) => examples.reduce((total, one) => total + one[of][c], 0) / 4);
    // As above.
    expect(norm.running!.mean.data).toBeAllclose(average("mean"), { rtol: 2e-7, atol: 1e-6 });
    expect(norm.running!.variance.data).toBeAllclose(average("variance"), { rtol: 5e-5 });
  });
});

describe("calibrate changes nothing where it fails", () => {
  const layers = [new BatchNorm(3), new BatchNorm(3, { momentum: null })];
  const values = () => [...namedParameters(layers).values()].map(({ data }) => [...data]);
  const before = values();
  const forward = ({ x }: Readonly<Record<string, Tensor>>, training: Training) =>
    layers.map((layer) => layer.forward(x, training));

  it.each([
    ["no batches", [], "calibrate: expected at least one batch, got none"],
    ["a last batch of one", batchesOf(8, 1), "expected more than one value for each channel in training, got [1, 3]"],
    [
      "data that are not numbers",
      [{ x: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, Number.NaN, 6) } }],
      "calibrate: expected finite statistics, got NaN; check the data",
    ],
  ] as const)("%s", async (_, batches, message) => {
    await expect(calibrate(engine, forward, batches)).rejects.toThrow(message);
    expect(values()).toEqual(before);
  });

  it("a model that keeps no statistics, or was not given the mode", async () => {
    const message =
      "calibrate: expected a forward pass with a layer that keeps running statistics, got none; pass `training` on to the layers";
    await expect(calibrate(engine, ({ x }) => tanh(x), batchesOf(8))).rejects.toThrow(message);
    await expect(calibrate(engine, ({ x }) => layers[0].forward(x), batchesOf(8))).rejects.toThrow(message);
  });

  it("a layer that stands at two places", async () => {
    const twice = ({ x }: Readonly<Record<string, Tensor>>, training: Training) => [
      layers[0].forward(x, training),
      layers[0].forward(tanh(x), training),
    ];
    await expect(calibrate(engine, twice, batchesOf(8))).rejects.toThrow(
      "calibrate: expected each layer that keeps statistics once in a pass, got one applied twice",
    );
  });
});
