import { Rng } from "@llm-learning/init";
import { GPT } from "@llm-learning/models";
import { namedParameters } from "@llm-learning/nn-core";
import { engineModel } from "@llm-learning/onnx";
import { layersOf, traceStep } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";

describe("layersOf", () => {
  const model = new GPT({ vocabSize: 7, blockSize: 4, nLayer: 2, nHead: 2, nEmbd: 8 }, { rng: new Rng(1) });
  const { graph } = traceStep(model, 3);
  const place = layersOf(graph, namedParameters(model));

  it("finds the layer of every node, and of every operator that it is lowered to", () => {
    expect(graph.nodes.filter((node) => place(node) === undefined)).toEqual([]);
    for (const [, node] of engineModel(graph).sources) expect(place(node)).toBeDefined();
    expect(new Set(graph.nodes.map((node) => place(node)?.layer.replace("blocks.1", "blocks.0")))).toEqual(
      new Set([
        "tokenEmbedding",
        "positionEmbedding",
        "blocks.0.norm1",
        "blocks.0.attention",
        "blocks.0.attention.qkv",
        "blocks.0.attention.query",
        "blocks.0.attention.key",
        "blocks.0.attention.probabilities",
        "blocks.0.attention.output",
        "blocks.0",
        "blocks.0.norm2",
        "blocks.0.mlp.expand",
        "blocks.0.mlp.hidden",
        "blocks.0.mlp.project",
        "blocks.0.residual",
        "norm",
        "logits",
        "loss",
        "gradNorm",
      ]),
    );
  });

  it("tells the gradient from the forward pass", () => {
    const matmuls = graph.nodes.filter(({ op }) => op.name === "matmul").map(place);
    expect(matmuls.filter((found) => found?.direction === "forward")).toEqual([]);
    // By the weight and by the input of the first layer of the feed-forward net.
    expect(matmuls.filter((found) => found?.layer === "blocks.0.mlp.expand")).toHaveLength(2);
    const linears = graph.nodes.filter(({ op }) => op.name === "linear").map(place);
    expect(linears).toContainEqual({ layer: "blocks.1.attention.qkv", direction: "forward" });
    expect(linears).toContainEqual({ layer: "logits", direction: "forward" });
  });
});
