import {
  add,
  bindFeeds,
  broadcastTo,
  compile,
  concat,
  constant,
  div,
  embedding,
  type Feeds,
  gather,
  type Graph,
  graphOf,
  input,
  iota,
  linear,
  max,
  mul,
  nll,
  type Node,
  Parameter,
  pow,
  referenceEngine,
  reshape,
  slice,
  sub,
  sum,
  Tensor,
  type TensorValue,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

async function run(
  graph: Graph,
  feeds: Feeds = {},
  precision?: "float32" | "float64",
): Promise<Record<string, TensorValue>> {
  const program = await compile(referenceEngine(precision === undefined ? {} : { precision }), graph);
  return program.run(feeds);
}

describe("a program of the reference engine", () => {
  it("computes a worked example", async () => {
    // [1 2; 3 4] times [1; 1] plus 10
    const graph = trace({ x: { shape: [2, 2] } }, ({ x }) => ({
      y: linear(x, constant([1, 1], [1, 2]), constant([10], [1])),
    }));
    const { y } = await run(graph, { x: Float32Array.of(1, 2, 3, 4) });
    expect(y).toEqual({ dtype: "float32", shape: [2, 1], data: Float32Array.of(13, 17) });
  });

  it("resolves named dimensions and their products anew at each run", async () => {
    const graph = trace({ x: { shape: ["b", "t", 2] } }, ({ x }) => ({
      rows: reshape(x, ["b*t", 2]),
      doubled: reshape(x, ["2*b*t"]),
      positions: broadcastTo(iota("t", "int64"), ["b", "t"]),
    }));
    const program = await compile(referenceEngine(), graph);
    for (const [b, t] of [
      [1, 3],
      [2, 1],
      [0, 2],
    ]) {
      const data = Float32Array.from({ length: b * t * 2 }, (_, i) => i);
      const { rows, doubled, positions } = await program.run({ x: { shape: [b, t, 2], data } });
      expect(rows).toEqual({ dtype: "float32", shape: [b * t, 2], data });
      expect(doubled.shape).toEqual([2 * b * t]);
      expect(positions.data).toEqual(BigInt64Array.from({ length: b * t }, (_, i) => BigInt(i % t)));
    }
  });

  it("gives the name of a joined axis its size, also for nodes that run before the joining", async () => {
    const graph = trace({ past: { shape: ["past"] }, now: { shape: ["now"] } }, ({ past, now }) => ({
      positions: iota("total"),
      all: concat([past, now], { dim: "total" }),
    }));
    const { positions, all } = await run(graph, {
      past: { shape: [2], data: Float32Array.of(7, 8) },
      now: { shape: [1], data: Float32Array.of(9) },
    });
    expect(positions.data).toEqual(Int32Array.of(0, 1, 2));
    expect(all.data).toEqual(Float32Array.of(7, 8, 9));
  });

  it("slices a named dimension from its end", async () => {
    const graph = trace({ x: { shape: ["t"] } }, ({ x }) => ({ last: slice(x, { axis: 0, start: -1 }) }));
    const { last } = await run(graph, { x: { shape: [4], data: Float32Array.of(1, 2, 3, 4) } });
    expect(last.data).toEqual(Float32Array.of(4));
  });

  it("reads parameters as they are at each run, and hands out no view of them", async () => {
    const weight = new Parameter([2]);
    const program = await compile(referenceEngine(), graphOf({ weight: weight.tensor, row: reshape(weight, [1, 2]) }));
    weight.data.set([1, 2]);
    const before = await program.run({});
    weight.data.set([3, 4]);
    const after = await program.run({});
    expect(before.weight.data).toEqual(Float32Array.of(1, 2));
    expect(before.row.data).toEqual(Float32Array.of(1, 2));
    expect(after.row.data).toEqual(Float32Array.of(3, 4));
  });

  it("computes two tensors that stand for one input from the same feed", async () => {
    const [a, b] = [input("x", [1]), input("x", [1])];
    const { y } = await run(graphOf({ y: mul(a, b) }), { x: Float32Array.of(3) });
    expect(y.data).toEqual(Float32Array.of(9));
  });

  it("keeps an output that later nodes use too", async () => {
    const x = input("x", [2]);
    const y = add(x, 1);
    const outputs = await run(graphOf({ x, y, z: sum(mul(y, y)) }), { x: Float32Array.of(1, 2) });
    expect(outputs.x.data).toEqual(Float32Array.of(1, 2));
    expect(outputs.y.data).toEqual(Float32Array.of(2, 3));
    expect(outputs.z.data).toEqual(Float32Array.of(13));
  });

  it("rounds to float32 after each op, or only at the end with precision float64", async () => {
    // 2^24 + 1 is not a float32: rounded, the 1 is lost.
    const graph = trace({ x: { shape: [] } }, ({ x }) => ({ y: sub(add(x, 1), x) }));
    const feeds = { x: Float32Array.of(2 ** 24) };
    expect((await run(graph, feeds)).y.data).toEqual(Float32Array.of(0));
    expect((await run(graph, feeds, "float64")).y.data).toEqual(Float32Array.of(1));
  });

  it("accumulates float32 sums in double precision", async () => {
    const graph = trace({ x: { shape: [1001] } }, ({ x }) => ({ y: sum(x) }));
    const x = new Float32Array(1001).fill(1);
    x[0] = 2 ** 24;
    expect((await run(graph, { x })).y.data).toEqual(Float32Array.of(2 ** 24 + 1000));
  });

  it("wraps int32 sums", async () => {
    const graph = trace({ x: { shape: [], dtype: "int32" } }, ({ x }) => ({ y: add(x, 1) }));
    expect((await run(graph, { x: Int32Array.of(2 ** 31 - 1) })).y.data).toEqual(Int32Array.of(-(2 ** 31)));
  });

  it("takes any byte but 0 for true", async () => {
    const graph = trace({ x: { shape: [3], dtype: "bool" } }, ({ x }) => ({ x }));
    expect((await run(graph, { x: Uint8Array.of(0, 1, 255) })).x.data).toEqual(Uint8Array.of(0, 1, 1));
  });
});

describe("the reference engine refuses", () => {
  const indices = (shape: number[]): Tensor => input("indices", shape, "int32");

  it.each([
    ["embedding", embedding(constant(0, [3, 2]), indices([1])), 3, "embedding: expected indices from 0 to 2, got 3"],
    ["embedding", embedding(constant(0, [3, 2]), indices([1])), -1, "embedding: expected indices from 0 to 2, got -1"],
    ["gather", gather(constant(0, [2]), indices([1]), { axis: 0 }), 2, "gather: expected indices from 0 to 1, got 2"],
    [
      "nll",
      nll(constant(0, [1, 4]), indices([1]), { ignoreIndex: -1 }).nll,
      4,
      "nll: expected indices from 0 to 3, got 4",
    ],
    ["div", div(constant(1, [1], "int32"), indices([1])), 0, "div: expected integer divisors other than 0, got 0"],
  ])("indices out of range: %s", async (_, y, index, message) => {
    await expect(run(graphOf({ y }), { indices: Int32Array.of(index) })).rejects.toThrow(new RangeError(message));
  });

  it("the maximum of nothing", async () => {
    const graph = trace({ x: { shape: ["n"] } }, ({ x }) => ({ y: max(x) }));
    await expect(run(graph, { x: { shape: [0], data: new Float32Array(0) } })).rejects.toThrow(
      new RangeError("max: expected at least one element along the reduced axes, got none"),
    );
  });

  it("int64 values that a JavaScript number cannot hold", async () => {
    const graph = trace({ x: { shape: [], dtype: "int64" } }, ({ x }) => ({ x }));
    await expect(run(graph, { x: BigInt64Array.of(2n ** 53n) })).rejects.toThrow(
      new RangeError("reference engine: expected int64 values of at most 2^53 - 1 in magnitude, got 9007199254740992"),
    );
  });

  it("feeds that do not fit, as every engine", async () => {
    const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ x }));
    expect(() => bindFeeds(graph.inputs, {})).toThrow(TypeError);
    await expect(run(graph, {})).rejects.toThrow('run: expected a value for input "x", got none');
  });

  it("a dimension that no input has", async () => {
    await expect(run(graphOf({ y: iota("t") }))).rejects.toThrow(
      new RangeError('run: expected a size for the dimension "t", which no input has'),
    );
  });

  it("to run after it was disposed of", async () => {
    const program = await compile(referenceEngine(), graphOf({ y: constant(1) }));
    await program.dispose();
    await expect(program.run({})).rejects.toThrow(
      new Error("run: expected a program that has not been disposed of, got a disposed one"),
    );
  });

  it("an op whose inference promises another shape than its kernel computes", async () => {
    const outputs: Tensor[] = [];
    const node = { op: { name: "exp" }, attributes: {}, inputs: [input("x", [2])], outputs } as unknown as Node;
    outputs.push(new Tensor({ shape: [3], dtype: "float32" }, { kind: "node", node, index: 0 }));
    await expect(run(graphOf({ y: outputs[0] }), { x: new Float32Array(2) })).rejects.toThrow(
      new Error("reference engine: expected exp to give float32 [3], got float32 [2]"),
    );
  });
});

it.each(["int32", "int64"] as const)("%s powers drop their fraction, as integer division does", async (dtype) => {
  const { y } = await run(graphOf({ y: pow(constant([1, 2, -3], [3], dtype), constant([-1, -1, 3], [3], dtype)) }));
  expect([...y.data].map(Number)).toEqual([1, 0, -27]);
});
