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
