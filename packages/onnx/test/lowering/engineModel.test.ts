import { engineModel } from "@llm-learning/onnx";
import { add, crossEntropy, exp, globalNorm, grad, type Graph, graphOf, input, mul } from "@llm-learning/nn-core";
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

  it("says of each operator which node it stands for", () => {
    const { sources, model } = engineModel(graphOf({ y: exp(mul(x, 2)) }));
    const names = model.graph.nodes.map(({ name = "" }) => sources.get(name)?.op.name);
    expect(names).toEqual(["mul", "exp"]);
  });
});
