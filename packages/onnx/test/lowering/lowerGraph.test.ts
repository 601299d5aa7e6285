import { encodeModel, lowerGraph, type OnnxTensor } from "@llm-learning/onnx";
import { createOrtSession, type Session } from "@llm-learning/onnx/node";
import {
  add,
  grad,
  iota,
  layerNorm,
  linear,
  mul,
  Parameter,
  reshape,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  sum,
  tanh,
  tap,
  type TensorValue,
  trace,
  transpose,
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

  it("adds and norms a residual stream in one operator, which gives the sum as well", () => {
    const weight = new Parameter([4]);
    const shape = ["b", "t", 4];
    const graph = trace({ x: { shape }, y: { shape }, z: { shape } }, ({ x, y, z }) => {
      const first = add(x, y);
      const second = add(first, tap(rmsNorm(first, weight), "normed"));
      return { y: layerNorm(add(second, z), weight), second };
    });
    expect(opTypes(graph, { parameters: "initializers", contrib: true })).toEqual([
      "SkipSimplifiedLayerNormalization",
      "Add",
      "SkipLayerNormalization",
    ]);
    expect(opTypes(graph)).not.toContain("SkipLayerNormalization");
  });

  it("adds and takes a layer norm of many rows apart, as the runtime is slow at both in one", () => {
    const shape = [2, 64, 4];
    const graph = trace({ x: { shape }, y: { shape } }, ({ x, y }) => ({
      y: layerNorm(add(x, y), new Parameter([4])),
    }));
    expect(opTypes(graph, { parameters: "initializers", contrib: true })).toEqual(["Add", "LayerNormalization"]);
  });

  it("turns heads side by side where they lie, and norms them there", () => {
    const weight = new Parameter([4]);
    const angles = { shape: ["t", 2] };
    const graph = trace({ x: { shape: ["b", "t", 8] }, cos: angles, sin: angles }, ({ x, cos, sin }) => {
      const heads = transpose(reshape(x, ["b", "t", 2, 4]), [0, 2, 1, 3]);
      const turned = rotary(rmsNorm(heads, weight), cos, sin);
      return { y: reshape(transpose(turned, [0, 2, 1, 3]), ["b", "t", 8]) };
    });
    expect(opTypes(graph, { parameters: "initializers", contrib: true })).toEqual([
      "Reshape",
      "SimplifiedLayerNormalization",
      "Reshape",
      "RotaryEmbedding",
    ]);
  });

  it("refuses a cache in place without ONNX Runtime's own operators", () => {
    const graph = trace({ x: { shape: [1] } }, ({ x }) => ({ y: add(x, 1) }));
    expect(() => lowerGraph(graph, { ...standard, inPlaceCache: true })).toThrow(
      new RangeError("lowerGraph: expected inPlaceCache only where contrib is true, got it without"),
    );
  });

  describe("with lastTokens", () => {
    const lastTokens = { output: "y", count: "wanted" };
    const weight = new Parameter([3], { init: (data) => data.set([1, 2, 3]) });
    const head = new Parameter([2, 3], { init: (data) => data.set([1, 0, 0, 0, 1, 1]) });
    const graph = trace({ x: { shape: ["b", "t", 3] } }, ({ x }) => {
      const heard = add(x, tap(x, "kept"));
      return { y: tap(mul(tanh(linear(rmsNorm(heard, weight), head)), 2), "y"), x: mul(x, 1) };
    });

    it("leaves tokens out right behind what lets them hear each other", () => {
      const { nodes } = lowerGraph(graph, { ...standard, lastTokens }).model.graph;
      const types = nodes.map(({ opType }) => opType);
      expect(types.indexOf("Slice")).toBe(types.indexOf("Add") + 1 + ["Unsqueeze", "Neg"].length);
    });

    it("has a further input that need not be given", () => {
      const { model } = lowerGraph(graph, { ...standard, lastTokens });
      expect(model.graph.inputs.map(({ name }) => name)).toEqual(["x", "wanted"]);
      expect(model.graph.initializers[0]).toEqual({
        name: "wanted",
        dataType: "int64",
        dims: [],
        data: new Uint8Array(8),
      });
    });

    it.each([
      [0, [0, 1, 2]],
      [1, [2]],
      [2, [1, 2]],
      [5, [0, 1, 2]],
    ])("of %i gives the tokens %j", async (count, tokens) => {
      const { model } = lowerGraph(graph, { ...standard, lastTokens });
      const data = Float32Array.from({ length: 18 }, (_, i) => Math.cos(i));
      const session = async (value: number): Promise<Session> => {
        const [wanted, ...others] = model.graph.initializers;
        const data = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
        const initializers = [{ ...wanted, data } as OnnxTensor, ...others];
        // onnxruntime-node cannot be given an input that has a value: here another value stands in the file.
        return createOrtSession(encodeModel({ ...model, graph: { ...model.graph, initializers } }), { threads: 1 });
      };
      const run = async (value: number): Promise<TensorValue> => {
        const opened = await session(value);
        const { y } = await opened.run({ x: { dtype: "float32", shape: [2, 3, 3], data } });
        await opened.dispose();
        return y;
      };
      const [all, last] = [await run(0), await run(count)];
      expect(last.shape).toEqual([2, tokens.length, 2]);
      const rows = [0, 1].flatMap((b) =>
        tokens.flatMap((t) => Array.from(all.data.slice((b * 3 + t) * 2, (b * 3 + t + 1) * 2), Number)),
      );
      expect([...last.data]).toEqual(rows);
    });

    it("needs an output that has tokens, and a new name", () => {
      for (const wrong of [
        { output: "z", count: "wanted" },
        { output: "y", count: "x" },
      ]) {
        expect(() => lowerGraph(graph, { ...standard, lastTokens: wrong })).toThrow(
          "lowerGraph: expected lastTokens of an output [B, T, ...] by an input of another name than the graph's, got " +
            `"${wrong.output}" by "${wrong.count}"`,
        );
      }
    });
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
