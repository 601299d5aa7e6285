import { encodeModel, type OnnxAttribute, type OnnxModel, type OnnxNode } from "@llm-learning/onnx";
import { createOrtSession, openTokenGenerator } from "@llm-learning/onnx/node";
import { expect, test } from "vitest";

const modelOf = (...nodes: OnnxNode[]): OnnxModel => ({
  irVersion: 10,
  opsetImports: [
    { domain: "", version: 21 },
    { domain: "com.microsoft", version: 1 },
  ],
  producerName: "test",
  metadata: {},
  graph: {
    name: "g",
    nodes,
    inputs: [{ name: "x", dataType: "float32", shape: [2, 4] }],
    outputs: [{ name: "y", dataType: "float32", shape: [2, 4] }],
    initializers: [{ name: "w", dims: [4], dataType: "float32", data: new Uint8Array(16) }],
  },
});

const norm: OnnxNode = {
  opType: "LayerNormalization",
  name: "n",
  inputs: ["x", "w", ""],
  outputs: ["y"],
  attributes: {},
};

const gather = (attributes: Record<string, OnnxAttribute>): OnnxNode => ({
  opType: "GatherBlockQuantized",
  domain: "com.microsoft",
  inputs: ["x", "i", "s"],
  outputs: ["y"],
  attributes,
});

// With ONNX Runtime 1.30 each of these models ends the process: a segmentation fault, and divisions by zero.
test.each<[string, OnnxNode, string]>([
  [
    "a norm with a bias that has no name",
    norm,
    'LayerNormalization with a name for its bias, or two inputs, got "" (node "n")',
  ],
  ["levels of 0 bits", gather({ bits: { type: "int", value: 0 } }), "GatherBlockQuantized with bits 4 or 8, got 0"],
  ["empty blocks", gather({ block_size: { type: "int", value: 0 } }), "with block_size from 16 to 65536, got 0"],
  [
    "a negative number of heads",
    {
      opType: "GroupQueryAttention",
      domain: "com.microsoft",
      inputs: ["x", "x", "x"],
      outputs: ["y"],
      attributes: { num_heads: { type: "int", value: 2 }, kv_num_heads: { type: "int", value: -1 } },
    },
    "GroupQueryAttention with kv_num_heads from 1 to 65536, got -1",
  ],
  [
    "more heads than 32 bits hold",
    {
      opType: "GroupQueryAttention",
      domain: "com.microsoft",
      inputs: ["x", "x", "x"],
      outputs: ["y"],
      attributes: { num_heads: { type: "int", value: 2 ** 40 }, kv_num_heads: { type: "int", value: 1 } },
    },
    "GroupQueryAttention with num_heads from 1 to 65536, got 1099511627776",
  ],
  [
    "such a node in a branch",
    {
      opType: "If",
      inputs: ["c"],
      outputs: ["y"],
      attributes: { then_branch: { type: "graph", value: modelOf(norm).graph } },
    },
    'LayerNormalization with a name for its bias, or two inputs, got "" (node "n")',
  ],
])("a model with %s is refused before the runtime sees it", async (_, node, message) => {
  const bytes = encodeModel(modelOf(node));
  await expect(createOrtSession(bytes)).rejects.toThrow(/^createOrtSession: expected /);
  await expect(openTokenGenerator(bytes)).rejects.toThrow(message);
});

test("a model with a weight of no numbers is refused", async () => {
  const model = modelOf({ ...norm, inputs: ["x", "w"] });
  const weight = { name: "k", dims: [0, 4], dataType: "float32", data: new Uint8Array() } as const;
  const bytes = encodeModel({ ...model, graph: { ...model.graph, initializers: [weight] } });
  await expect(createOrtSession(bytes)).rejects.toThrow(
    'createOrtSession: expected weights with numbers in them, got shape [0, 4] of "k"',
  );
});

test("a norm of two inputs runs", async () => {
  const session = await createOrtSession(encodeModel(modelOf({ ...norm, inputs: ["x", "w"] })), { threads: 1 });
  const { y } = await session.run({ x: { dtype: "float32", shape: [2, 4], data: new Float32Array(8) } });
  expect(y.shape).toEqual([2, 4]);
  await session.dispose();
});
