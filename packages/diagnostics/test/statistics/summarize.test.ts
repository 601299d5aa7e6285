import { collect, summarize } from "@llm-learning/diagnostics";
import {
  add,
  compile,
  graphOf,
  input,
  mul,
  Parameter,
  referenceEngine,
  scaledDotProductAttention,
  softmax,
  sum,
  tanh,
  tap,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";
import { expectClose, expectStatistics, fixture, recordsOn } from "../statisticsFixture.ts";

const records = await recordsOn(referenceEngine());

describe("the statistics of a run", () => {
  it.each(fixture.cases.map((one) => [one.name, one] as const))("are numpy's: %s", (name, { kind, expected }) => {
    const record = records.get(name);
    if (record === undefined || record.gradient === null || expected.gradient === null) throw new Error("no record");
    const { gradient, saturated, dead, ...statistics } = expected;
    expectStatistics(record, statistics);
    expectStatistics(record.gradient, gradient);
    expect(record.kind).toBe(kind);
    // Counts over counts: the same rational numbers, in float32 here.
    expectClose(record.saturated, saturated, 1e-7);
    expectClose(record.dead, dead, 1e-7);
  });

  it("are PyTorch's for attention: entropy of each head, and the largest score that is not masked", () => {
    const { attention, gradient } = records.get("attention") ?? {};
    expect(attention?.entropy).toHaveLength(3);
    // Five terms of size 1 in float32.
    fixture.attention.entropy.forEach((entropy, head) => expectClose(attention?.entropy[head], entropy, 1e-6));
    expectClose(attention?.largestLogit, fixture.attention.largestLogit, 1e-5);
    // The loss is computed from the output beside the probabilities.
    expect(gradient).toBeNull();
  });

  it("are plain data", () => {
    const list = [...records.values()];
    expect(JSON.parse(JSON.stringify(list))).toEqual(list);
  });
});

describe("summarize", () => {
  it("gives taps in the order of computation, then matrices with grad:data", async () => {
    const weight = new Parameter([1, 2], { init: (data) => data.set([1, 3]) });
    const bias = new Parameter([2]);
    const hidden = tap(mul(weight, input("x", [1, 2])), "hidden");
    const loss = sum(tap(tanh(add(hidden, bias)), "tanh", { kind: "tanh" }));
    const collection = collect(sum(mul(hidden, hidden)), {
      parameters: new Map([
        ["weight", weight],
        ["bias", bias],
      ]),
    });
    expect([...collection.gradients.keys()]).toEqual(["weight", "bias"]);
    const program = await compile(referenceEngine(), graphOf(collection.outputs));
    const [first, second, ...rest] = summarize(collection, await program.run({ x: new Float32Array([2, 1]) }));
    expect(first).toMatchObject({ name: "hidden", mean: 2.5, gradientToData: null });
    // By hand: the gradient of sum((w x)^2) is 2 w x^2, here 8 and 6, with std sqrt(2); the weights' is sqrt(2) too.
    expect(second).toMatchObject({ name: "weight", kind: "parameter", mean: 2, updateToData: null });
    expect(second.gradient).toMatchObject({ mean: 7, min: 6, max: 8 });
    expect(second.gradientToData).toBeCloseTo(1, 6);
    expect(rest).toEqual([]);
    expect(collect(loss).tensors.map(({ name }) => name)).toEqual(["hidden", "tanh"]);
  });

  it("finds the scores under a softmax written by hand", async () => {
    const scores = mul(input("x", [2, 2]), 2);
    const collection = collect(sum(tap(softmax(scores), "attention", { kind: "attention" })));
    const program = await compile(referenceEngine(), graphOf(collection.outputs));
    const [{ attention }] = summarize(collection, await program.run({ x: new Float32Array([1, 1, 3, -1e9]) }));
    expect(attention?.largestLogit).toBe(6);
    // A fair coin has ln 2 nats, a certain outcome none.
    expect(attention?.entropy[0]).toBeCloseTo(Math.LN2 / 2, 6);
  });

  it("finds the scores of attention in groups of heads, after soft cap and bias", async () => {
    const [q, k, bias] = [input("q", [1, 2, 1, 1]), input("k", [1, 1, 2, 1]), input("bias", [2])];
    const { output, probabilities } = scaledDotProductAttention(q, k, k, { scale: 1, softCap: 2, bias });
    const collection = collect(sum(tap(output, "attention", { kind: "attention", value: probabilities })));
    const program = await compile(referenceEngine(), graphOf(collection.outputs));
    const feeds = { q: Float32Array.of(1, -3), k: Float32Array.of(2, -1), bias: Float32Array.of(0, 0.5) };
    const [{ attention }] = summarize(collection, await program.run(feeds));
    // The second head's query -3 and the second key -1 make 3, bent to 2 tanh(3 / 2), and 0.5 more.
    expect(attention?.largestLogit).toBeCloseTo(2 * Math.tanh(1.5) + 0.5, 6);
  });

  it("gives a gradient to values that other taps name as well, and none to by-products", async () => {
    const x = input("x", [2]);
    const other = mul(x, 3);
    const inner = tap(x, "inner", { value: other });
    const loss = sum(mul(tap(inner, "outer", { value: x }), 2));
    const collection = collect(loss);
    const program = await compile(referenceEngine(), graphOf(collection.outputs));
    const records = summarize(collection, await program.run({ x: new Float32Array([1, 3]) }));
    expect(records.map(({ name, mean, gradient }) => [name, mean, gradient?.mean])).toEqual([
      ["inner", 6, undefined],
      ["outer", 2, 2],
    ]);
  });

  it("is empty where nothing is watched", () => {
    const collection = collect(sum(input("x", [2])));
    expect(collection.outputs).toEqual({});
    expect(summarize(collection, {})).toEqual([]);
  });

  it("says what is missing", () => {
    const collection = collect(sum(tap(input("x", [2]), "x")));
    expect(() => summarize(collection, {})).toThrow(
      new TypeError(
        'summarize: expected an output "diagnostics.statistics", got none; add collect\'s outputs to the graph',
      ),
    );
  });
});

describe("collect", () => {
  it("refuses what it cannot count", () => {
    const loss = sum(tap(input("x", ["batch_size", 2]), "x"));
    expect(() => collect(sum(input("x", [2])), { bins: 0 })).toThrow(
      new RangeError("collect: expected bins to be a whole number of at least 1, got 0"),
    );
    expect(() => collect(sum(input("x", [2])), { sampleSize: 1.5 })).toThrow("sampleSize");
    expect(() => collect(loss)).toThrow("moments: expected a static shape");
  });
});
