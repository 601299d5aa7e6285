import { lowerGraph } from "@llm-learning/onnx";
import {
  add,
  grad,
  iota,
  layerNorm,
  linear,
  mul,
  Parameter,
  reshape,
  scaledDotProductAttention,
  sum,
  trace,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const standard = { parameters: "initializers", contrib: false } as const;

function opTypes(graph: ReturnType<typeof trace>, options: Parameters<typeof lowerGraph>[1] = standard): string[] {
  return lowerGraph(graph, options).model.graph.nodes.map(({ opType }) => opType);
}

describe("lowerGraph", () => {
  it("names inputs, outputs and parameters as asked, and stores parameters in the file", () => {
    const weight = new Parameter([3, 2], { init: (data) => data.fill(2) });
    const graph = trace({ x: { shape: ["batch_size", 2] } }, ({ x }) => ({ y: linear(x, weight) }));
    const { model, parameters, outputs } = lowerGraph(graph, {
      ...standard,
      name: "affine",
      parameterNames: new Map([[weight, "layer.weight"]]),
      metadata: { author: "somebody" },
    });
    expect(model.graph.name).toBe("affine");
    expect(model.metadata).toEqual({ author: "somebody" });
    expect([...parameters]).toEqual([[weight, "layer.weight"]]);
    expect([...outputs]).toEqual([["y", "y"]]);
    expect(model.graph.inputs).toEqual([{ name: "x", dataType: "float32", shape: ["batch_size", 2] }]);
    expect(model.graph.outputs).toEqual([{ name: "y", dataType: "float32", shape: ["batch_size", 3] }]);
    const [{ name, dims, data }] = model.graph.initializers;
    expect({ name, dims }).toEqual({ name: "layer.weight", dims: [3, 2] });
    expect(data?.buffer).toBe(weight.data.buffer);
  });

  it("makes parameters inputs, after the graph's own", () => {
    const weight = new Parameter([2]);
    const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ y: mul(x, weight) }));
    const { model } = lowerGraph(graph, { parameters: "inputs", contrib: false });
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(["x", "parameter_0"]);
    expect(model.graph.initializers).toEqual([]);
  });

  it("keeps names apart that would clash", () => {
    const weight = new Parameter([2]);
    const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ x: mul(x, weight) }));
    const { model, outputs, parameters } = lowerGraph(graph, { ...standard, parameterNames: new Map([[weight, "x"]]) });
    expect([...parameters.values()]).toEqual(["x_2"]);
    expect([...outputs]).toEqual([["x", "x_3"]]);
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(["x_3"]);
  });

  it("computes the same thing once", () => {
    const graph = trace({ x: { shape: ["n"] } }, ({ x }) => {
      const position = (): typeof x => mul(iota("n", "float32"), 2);
      return { y: add(mul(x, position()), position()) };
    });
    expect(opTypes(graph).toSorted()).toEqual(["Add", "Cast", "Mul", "Mul", "Range", "Shape", "Squeeze"]);
  });

  it("shares one causal mask among all layers", () => {
    const graph = trace({ x: { shape: ["b", 2, "t", 4] } }, ({ x }) => {
      const first = scaledDotProductAttention(x, x, x, { causal: true }).output;
      return { y: scaledDotProductAttention(first, first, first, { causal: true }).output };
    });
    const types = opTypes(graph, { parameters: "initializers", contrib: true });
    expect(types.filter((type) => ["Range", "LessOrEqual", "Where"].includes(type))).toEqual([
      "Range",
      "LessOrEqual",
      "Where",
    ]);
    expect(types.filter((type) => type === "Softmax")).toHaveLength(2);
  });

  it("shares the masks of long sequences too", () => {
    const graph = trace({ x: { shape: [1, 1, 300, 2] } }, ({ x }) => {
      const first = scaledDotProductAttention(x, x, x, { causal: true, window: 8 }).output;
      return { y: scaledDotProductAttention(first, first, first, { causal: true, window: 8 }).output };
    });
    const types = opTypes(graph);
    expect(types.filter((type) => ["LessOrEqual", "Less", "And", "Where"].includes(type))).toEqual([
      "LessOrEqual",
      "Less",
      "And",
      "Where",
    ]);
  });

  it("computes soft-capped scores once for attention and its gradient", () => {
    const shapes = { q: { shape: [1, 4, 3, 2] }, k: { shape: [1, 2, 3, 2] } };
    const graph = trace(shapes, ({ q, k }) => {
      const { output } = scaledDotProductAttention(q, k, k, { softCap: 2 });
      const [byQ, byK] = grad(sum(mul(output, output)), [q, k]);
      return { output, byQ, byK };
    });
    for (const contrib of [true, false]) {
      const types = opTypes(graph, { parameters: "initializers", contrib });
      expect(types.filter((type) => type === "Tanh")).toHaveLength(1);
      // q k^T and P v; g v^T, dS k, dS^T q and P^T g.
      expect(types.filter((type) => type.endsWith("MatMul"))).toHaveLength(6);
    }
  });

  it("reshapes by constants where copying axes and one unknown say enough", () => {
    const graph = trace({ x: { shape: ["b", "t", 6] } }, ({ x }) => ({ y: reshape(x, ["b", "t", 2, 3]) }));
    const { nodes, initializers } = lowerGraph(graph, standard).model.graph;
    expect(nodes.map(({ opType }) => opType)).toEqual(["Reshape"]);
    const bytes = initializers[0].data as Uint8Array;
    expect([...new BigInt64Array(bytes.buffer, bytes.byteOffset, 4)]).toEqual([0n, 0n, 2n, 3n]);
  });

  it("leaves out what no output needs", () => {
    const bias = new Parameter([4]);
    const graph = trace({ x: { shape: ["b", 4] } }, ({ x }) => ({ y: layerNorm(x, bias, bias) }));
    const { nodes } = lowerGraph(graph, standard).model.graph;
    expect(nodes).toHaveLength(1);
    expect(nodes[0].outputs).toEqual(["y"]);
  });

  it("refuses opsets without the operators it writes", () => {
    const graph = trace({ x: { shape: [1] } }, ({ x }) => ({ y: add(x, 1) }));
    expect(() => lowerGraph(graph, { ...standard, opset: 17 })).toThrow(
      new RangeError("lowerGraph: expected an opset of at least 20 (it brought Gelu), got 17"),
    );
  });

  it("refuses a named dimension that nothing has", () => {
    const graph = trace({ x: { shape: ["n"] } }, () => ({ y: iota("m") }));
    expect(() => lowerGraph(graph, standard)).toThrow(
      'lowerGraph: expected every named dimension to be an axis of an input or of a concat, got "m", which none has',
    );
  });
});
