import { engineModel } from "@llm-learning/onnx";
import {
  add,
  crossEntropy,
  exp,
  gelu,
  globalNorm,
  grad,
  type Graph,
  graphOf,
  input,
  linear,
  matmul,
  mean,
  mul,
} from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

function operators(graph: Graph): string[] {
  return engineModel(graph).model.graph.nodes.map(({ opType }) => opType);
}

describe("engineModel", () => {
  const x = input("x", [2, 3]);

  it("computes common values once, and leaves out what changes nothing", () => {
    expect(operators(graphOf({ y: add(exp(mul(x, 1)), exp(x)) }))).toEqual(["Exp", "Add"]);
  });

  it("takes a norm over many tensors in one pass over each, and one sum", () => {
    const tensors = [x, exp(x), input("z", [4]), input("u", [5])];
    expect(operators(graphOf({ norm: globalNorm(tensors) })).toSorted()).toEqual([
      "Exp",
      ...Array.from({ length: 4 }, () => "ReduceSumSquare"),
      "Sqrt",
      "Sum",
    ]);
  });

  it("subtracts a likelihood's targets from the probabilities where they are, without writing zeros", () => {
    const targets = input("targets", [2], "int32");
    const [gradient] = grad(crossEntropy(x, targets, { ignoreIndex: undefined }), [x]);
    const found = operators(graphOf({ gradient }));
    expect(found.filter((name) => name === "ScatterElements")).toHaveLength(1);
    expect(found).not.toContain("OneHot");
    expect(found).not.toContain("ConstantOfShape");
  });

  it("takes a number times an operand along in a product of many matrices", () => {
    const [a, b] = [input("a", [2, 3, 4]), input("b", [2, 4, 5])];
    const { nodes } = engineModel(graphOf({ y: matmul(mul(a, 0.5), mul(b, 3)) })).model.graph;
    expect(nodes.map(({ opType }) => opType)).toEqual(["FusedMatMul"]);
    expect(nodes[0].attributes["alpha"]).toEqual({ type: "float", value: 1.5 });
    expect(operators(graphOf({ y: matmul(mul(a, input("s", [])), b) }))).toEqual(["Mul", "MatMul"]);
  });

  it("averages rows under weights without writing what is averaged", () => {
    const weights = input("weights", [3]);
    expect(operators(graphOf({ y: mean(mul(x, weights), { axes: -1, keepDims: true }) }))).toEqual(["Reshape", "Gemm"]);
    expect(operators(graphOf({ y: mean(mul(x, weights), { axes: 0, keepDims: true }) }))).toEqual([
      "Mul",
      "ReduceMean",
    ]);
  });

  it("works on rows of one axis from one linear layer to the next", () => {
    const [u, weight] = [input("u", [2, 3, 4]), input("weight", [4, 4])];
    const y = linear(gelu(linear(u, weight)), weight);
    expect(operators(graphOf({ y }))).toEqual(["Reshape", "Gemm", "Gelu", "Gemm", "Reshape"]);
  });

  it("says of each operator which node it stands for", () => {
    const { sources, model } = engineModel(graphOf({ y: exp(mul(x, 2)) }));
    const names = model.graph.nodes.map(({ name = "" }) => sources.get(name)?.op.name);
    expect(names).toEqual(["mul", "exp"]);
  });
});
