import { add, compile, graphOf, input, mul, neg, Parameter, referenceEngine, trace } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("trace", () => {
  it("calls the body once with symbolic inputs of the given types", () => {
    let calls = 0;
    const graph = trace({ x: { shape: ["batch_size", 2] }, n: { shape: [], dtype: "int32" } }, ({ x, n }) => {
      calls++;
      expect([x.shape, x.dtype, n.shape, n.dtype]).toEqual([["batch_size", 2], "float32", [], "int32"]);
      return { y: neg(x) };
    });
    expect(calls).toBe(1);
    expect(graph.outputs.get("y")?.shape).toEqual(["batch_size", 2]);
  });

  it("keeps declared inputs in their order, even those that no output needs", () => {
    const graph = trace({ unused: { shape: [1] }, b: { shape: [2] }, a: { shape: [2] } }, ({ a, b }) => ({
      y: add(a, b),
    }));
    expect([...graph.inputs.keys()]).toEqual(["unused", "b", "a"]);
  });
});

describe("graphOf", () => {
  it("lists each node once, after the nodes it depends on", () => {
    const x = input("x", [2]);
    const square = mul(x, x);
    const sum = add(square, neg(square));
    const graph = graphOf({ sum, square });
    expect(graph.nodes.map(({ op }) => op.name)).toEqual(["mul", "neg", "add"]);
    expect([...graph.outputs]).toEqual([
      ["sum", sum],
      ["square", square],
    ]);
  });

  it("lists parameters once, in the order of first use", () => {
    const first = new Parameter([2]);
    const second = new Parameter([2]);
    const graph = graphOf({ y: add(add(second, first), second) });
    expect(graph.parameters).toEqual([second, first]);
    expect([...graph.inputs]).toEqual([]);
  });

  it("refuses two inputs of one name and different types", () => {
    expect(() => graphOf({ a: neg(input("x", [2])), b: neg(input("x", [3])) })).toThrow(
      new Error('graphOf: expected one input named "x", got two: float32 [2] and float32 [3]'),
    );
    expect(() => graphOf({ a: neg(input("x", [2])), b: neg(input("x", [2], "int32")) })).toThrow(
      new Error('graphOf: expected one input named "x", got two: float32 [2] and int32 [2]'),
    );
  });

  it("takes two inputs of one name and type for the same input", async () => {
    const graph = graphOf({ y: add(input("x", [2]), mul(input("x", [2]), 10)) });
    expect([...graph.inputs.keys()]).toEqual(["x"]);
    const { y } = await (await compile(referenceEngine(), graph)).run({ x: new Float32Array([1, 2]) });
    expect([...y.data]).toEqual([11, 22]);
  });

  it("orders graphs that are deeper than the call stack", () => {
    let y = add(input("x", []), 1);
    for (let i = 1; i < 50_000; i++) y = neg(y);
    expect(graphOf({ y }).nodes).toHaveLength(50_000);
  });
});
