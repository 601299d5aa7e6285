import {
  add,
  bindFeeds,
  compile,
  type Feeds,
  input,
  mul,
  Parameter,
  referenceEngine,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("bindFeeds", () => {
  const inputs = new Map([
    ["x", input("x", ["batch_size", 2])],
    ["y", input("y", ["batch_size", "length"])],
    ["n", input("n", [3], "int32")],
  ]);
  const valid: Feeds = {
    x: { shape: [4, 2], data: new Float32Array(8) },
    y: { shape: [4, 1], data: new Float32Array(4) },
    n: new Int32Array(3),
  };

  it("gives a value for each input in the graph's order, and the size of each named dimension", () => {
    const { n, x, y } = valid;
    const { values, sizes } = bindFeeds(inputs, { n, y, x });
    expect([...values].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ["x", "float32", [4, 2]],
      ["y", "float32", [4, 1]],
      ["n", "int32", [3]],
    ]);
    expect([...sizes]).toEqual([
      ["batch_size", 4],
      ["length", 1],
    ]);
    expect(values.get("n")?.data).toBe(n);
  });

  it("takes sizes of 0", () => {
    const empty = { x: { shape: [0, 2], data: new Float32Array() }, y: { shape: [0, 5], data: new Float32Array() } };
    expect([...bindFeeds(inputs, { ...valid, ...empty }).sizes.values()]).toEqual([0, 5]);
  });

  it.each<[string, Feeds, Error]>([
    ["a missing input", { x: valid.x, n: valid.n }, new TypeError('run: expected a value for input "y", got none')],
    [
      "an input that the graph does not have",
      { ...valid, z: new Float32Array(1) },
      new TypeError('run: expected inputs x, y, n, got one named "z"'),
    ],
    [
      "another dtype",
      { ...valid, n: new Float32Array(3) },
      new TypeError('run: expected int32 data for input "n", got float32'),
    ],
    [
      "sizes that are no sizes, though their product is the number of elements",
      { ...valid, x: { shape: [-4, 2], data: new Float32Array(0) }, y: { shape: [-4, -1], data: new Float32Array(4) } },
      new RangeError('run: expected [batch_size, 2] for input "x", got [-4, 2] with 0 elements'),
    ],
    [
      "a size that is a fraction",
      { ...valid, y: { shape: [4, 0.5], data: new Float32Array(2) } },
      new RangeError(
        'run: expected [batch_size, length] for input "y" where batch_size = 4, got [4, 0.5] with 2 elements',
      ),
    ],
    [
      "an array that no dtype uses",
      { ...valid, n: new Float64Array(3) as unknown as Float32Array },
      new TypeError('run: expected int32 data for input "n", got Float64Array'),
    ],
    [
      "a plain array",
      { ...valid, n: [1, 2, 3] as unknown as Int32Array },
      new TypeError('run: expected int32 data for input "n", got a plain array'),
    ],
    [
      "a number",
      { ...valid, n: 3 as unknown as Int32Array },
      new TypeError('run: expected int32 data for input "n", got number'),
    ],
    [
      "a bare array where a size is not known",
      { ...valid, x: new Float32Array(8) },
      new RangeError(
        'run: expected { shape, data } for input "x", whose shape [batch_size, 2] has named dimensions, got a bare array',
      ),
    ],
    [
      "two sizes for one name",
      { ...valid, y: { shape: [5, 1], data: new Float32Array(5) } },
      new RangeError(
        'run: expected [batch_size, length] for input "y" where batch_size = 4, got [5, 1] with 5 elements',
      ),
    ],
    [
      "another size of an axis",
      { ...valid, x: { shape: [4, 3], data: new Float32Array(12) } },
      new RangeError('run: expected [batch_size, 2] for input "x" where batch_size = 4, got [4, 3] with 12 elements'),
    ],
    [
      "another number of axes",
      { ...valid, x: { shape: [8], data: new Float32Array(8) } },
      new RangeError('run: expected [batch_size, 2] for input "x", got [8] with 8 elements'),
    ],
    [
      "another number of elements than the shape says",
      { ...valid, n: new Int32Array(4) },
      new RangeError('run: expected [3] for input "n" where batch_size = 4, length = 1, got [3] with 4 elements'),
    ],
  ])("refuses %s", (_, feeds, error) => {
    expect(() => bindFeeds(inputs, feeds)).toThrow(error);
  });

  it("says so where a graph takes no inputs", () => {
    expect(() => bindFeeds(new Map(), { z: new Float32Array(1) })).toThrow(
      new TypeError('run: expected inputs none, got one named "z"'),
    );
  });
});

describe("a program of the reference engine", () => {
  it("reads parameters anew at every run", async () => {
    const weight = new Parameter([2], { init: (data) => data.fill(1) });
    const program = await compile(
      referenceEngine(),
      trace({ x: { shape: [2] } }, ({ x }) => ({ y: mul(x, weight) })),
    );
    const x = new Float32Array([3, 4]);
    expect([...(await program.run({ x })).y.data]).toEqual([3, 4]);
    weight.data.set([10, 100]);
    expect([...(await program.run({ x })).y.data]).toEqual([30, 400]);
  });

  it("runs one graph at several sizes of a named dimension", async () => {
    const graph = trace({ x: { shape: ["n", 2] } }, ({ x }) => ({ y: add(x, 1) }));
    const program = await compile(referenceEngine(), graph);
    for (const n of [0, 1, 3]) {
      const { y } = await program.run({ x: { shape: [n, 2], data: new Float32Array(2 * n) } });
      expect(y).toEqual({ dtype: "float32", shape: [n, 2], data: new Float32Array(2 * n).fill(1) });
    }
  });

  it("does not run after dispose", async () => {
    const program = await compile(
      referenceEngine(),
      trace({}, () => ({ y: add(1, 2) })),
    );
    await program.dispose();
    await expect(program.run({})).rejects.toThrow(
      new Error("run: expected a program that has not been disposed of, got a disposed one"),
    );
  });
});
