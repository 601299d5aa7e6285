import {
  constant,
  evaluateFloat64,
  exp,
  graphOf,
  input,
  mul,
  Parameter,
  referenceEngine,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

describe("evaluateFloat64", () => {
  it("keeps double precision from feeds to outputs", () => {
    const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ y: exp(x) }));
    const { y } = evaluateFloat64(graph, { x: Float64Array.of(0.1, 1 + 1e-12) });
    expect(y).toEqual({ dtype: "float32", shape: [2], data: Float64Array.of(Math.exp(0.1), Math.exp(1 + 1e-12)) });
  });

  it("takes constants that were given as a number for what they are", async () => {
    const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ y: mul(x, 0.1), all: constant(0.1, [2]) }));
    const { y, all } = evaluateFloat64(graph, { x: Float64Array.of(1, 3) });
    expect(y.data).toEqual(Float64Array.of(0.1, 3 * 0.1));
    expect(all.data).toEqual(Float64Array.of(0.1, 0.1));
    const single = await (await referenceEngine().compile(graph)).run({ x: Float32Array.of(1, 3) });
    expect(single.y.data).toEqual(Float32Array.of(0.1, Math.fround(3 * Math.fround(0.1))));
  });

  it("takes float32 feeds, shapes for named dimensions, and feeds of other dtypes as engines do", () => {
    const graph = trace({ x: { shape: ["n"] }, i: { shape: [1], dtype: "int64" } }, ({ x, i }) => ({
      y: mul(x, 2),
      i,
    }));
    const { y, i } = evaluateFloat64(graph, {
      x: { shape: [2], data: Float64Array.of(0.1, 0.2) },
      i: BigInt64Array.of(5n),
    });
    expect(y.data).toEqual(Float64Array.of(0.2, 0.4));
    expect(i.data).toEqual(Float64Array.of(5));
    const single = evaluateFloat64(graph, { x: { shape: [1], data: Float32Array.of(0.1) }, i: BigInt64Array.of(5n) });
    expect(single.y.data).toEqual(Float64Array.of(Math.fround(0.1) * 2));
  });

  it("uses the values given for parameters, their own data otherwise", () => {
    const [a, b] = [new Parameter([1]), new Parameter([1])];
    a.data.set([1]);
    b.data.set([3]);
    const graph = graphOf({ y: mul(a, b) });
    expect(evaluateFloat64(graph, {}).y.data).toEqual(Float64Array.of(3));
    expect(evaluateFloat64(graph, {}, new Map([[a, Float64Array.of(0.1)]])).y.data).toEqual(Float64Array.of(0.1 * 3));
    expect(a.data).toEqual(Float32Array.of(1));
  });

  it("refuses a parameter value of the wrong length", () => {
    const weight = new Parameter([2]);
    expect(() => evaluateFloat64(graphOf({ y: exp(weight) }), {}, new Map([[weight, new Float64Array(3)]]))).toThrow(
      new RangeError("evaluateFloat64: expected 2 values for a parameter, got 3"),
    );
  });

  it("refuses feeds that do not fit, as engines do", () => {
    const graph = graphOf({ y: exp(input("x", [2])) });
    expect(() => evaluateFloat64(graph, { x: new Float64Array(3) })).toThrow(
      new RangeError('run: expected [2] for input "x", got [2] with 3 elements'),
    );
    expect(() => evaluateFloat64(graph, {})).toThrow('run: expected a value for input "x", got none');
  });
});
