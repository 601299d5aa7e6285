import { causalLMSignature, nextTokenSignature, type OnnxModel } from "@llm-learning/onnx";
import { expect, test } from "vitest";

const model = (inputs: OnnxModel["graph"]["inputs"], last: string | number): OnnxModel => ({
  irVersion: 10,
  opsetImports: [],
  producerName: "",
  metadata: {},
  graph: {
    name: "g",
    nodes: [],
    inputs,
    outputs: [{ name: "logits", dataType: "float32", shape: ["b", "t", last] }],
    initializers: [],
  },
});

test("what a file calls its values stands in messages on one line, cut where it is long", () => {
  const input = { name: "input_ids", dataType: "int64", shape: ["b", "t"] } as const;
  expect(() => nextTokenSignature(model([input], "one\ntwo"))).toThrow(
    'nextTokenSignature: expected output logits to have a fixed last axis, got "one\\ntwo"; is this',
  );
  expect(() => nextTokenSignature(model([{ ...input, name: "x".repeat(5000) }], 3))).toThrow(
    `expected no input but input_ids, got "${"x".repeat(80)}..."; is this`,
  );
  expect(() => causalLMSignature(model([input], 3))).toThrow("expected an input attention_mask, got none; is this");
});

test("a cache or a vocabulary that no model has is refused before buffers are made for it", () => {
  const int64 = (name: string) => ({ name, dataType: "int64", shape: ["b", "t"] }) as const;
  const declared = (heads: number, size: number, vocabulary: number): OnnxModel => {
    const cache = (name: string) => ({ name, dataType: "float32", shape: ["b", heads, "p", size] }) as const;
    const tokens = ["input_ids", "attention_mask", "position_ids"].map(int64);
    const past = ["key", "value"].map((part) => cache(`past_key_values.0.${part}`));
    const { graph, ...rest } = model([...tokens, ...past], vocabulary);
    const present = ["key", "value"].map((part) => cache(`present.0.${part}`));
    return { ...rest, graph: { ...graph, outputs: [...graph.outputs, ...present] } };
  };
  expect(causalLMSignature(declared(2, 4, 10))).toMatchObject({ nKvHead: 2, headDim: 4, vocabSize: 10 });
  expect(() => causalLMSignature(declared(2 ** 20, 2 ** 20, 10))).toThrow(
    "causalLMSignature: expected a cache of at most 16777216 numbers for each token, got 2199023255552; is this",
  );
  expect(() => causalLMSignature(declared(2, 4, 2 ** 40))).toThrow(
    "causalLMSignature: expected output logits of at most 16777216 tokens, got 1099511627776; is this",
  );
});
