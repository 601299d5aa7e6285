import { compile, div, graphOf, input } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";
import { describe, expect, it } from "vitest";

const engine = onnxruntimeEngine({ threads: 1 });

describe("div of integers", () => {
  const lowest = -(2 ** 31);

  it("wraps the lowest integer by -1, which would end the process, and truncates all others", async () => {
    const program = await compile(engine, graphOf({ y: div(input("a", [6], "int32"), input("b", [6], "int32")) }));
    const a = Int32Array.of(lowest, lowest, 7, -7, 7, 0);
    const { y } = await program.run({ a, b: Int32Array.of(-1, 2, -2, 2, -1, -1) });
    expect([...y.data]).toEqual([lowest, lowest / 2, -3, -3, -7, 0]);
    await program.dispose();
  });

  it("does so by a number, and in int64", async () => {
    const graph = graphOf({ byNumber: div(input("a", [2], "int32"), -1), wide: div(input("b", [2], "int64"), -1) });
    const program = await compile(engine, graph);
    const b = BigInt64Array.of(5n, -(2n ** 63n));
    const { byNumber, wide } = await program.run({ a: Int32Array.of(5, lowest), b });
    expect([...byNumber.data]).toEqual([-5, lowest]);
    expect([...wide.data]).toEqual([-5n, -(2n ** 63n)]);
    await program.dispose();
  });

  it("refuses a divisor of 0", async () => {
    const program = await compile(engine, graphOf({ y: div(input("a", [], "int32"), input("b", [], "int32")) }));
    const feeds = { a: Int32Array.of(1), b: Int32Array.of(0) };
    await expect(program.run(feeds)).rejects.toThrow("Integer division by zero");
    await program.dispose();
  });
});
