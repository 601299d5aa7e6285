/** What happens to damaged model files, short of running them: they are read, asked what they are, rewritten, and written again. */

import {
  causalLMSignature,
  decodeModel,
  encodeModel,
  halfPrecision,
  nextTokenSignature,
  type OnnxModel,
  quantizeDynamically,
  quantizeModel,
} from "@llm-learning/onnx";
import { mutatedMessage } from "@llm-learning/testing/mutatedMessage";
import { mutatedBytes, randomFrom } from "@llm-learning/testing/mutations";
import { fixtureBytes } from "./fixture.ts";

const uses: readonly ((model: OnnxModel) => unknown)[] = [
  causalLMSignature,
  nextTokenSignature,
  encodeModel,
  (model) => encodeModel(quantizeModel(model, { bits: 8, embeddings: true })),
  (model) => encodeModel(quantizeModel(model, { symmetric: false, portable: true })),
  (model) => encodeModel(quantizeDynamically(model)),
  (model) => encodeModel(halfPrecision(model)),
];

/** A table, a layer with a bias, and logits from the table again: what quantization looks for. */
const languageModel: OnnxModel = {
  irVersion: 10,
  opsetImports: [{ domain: "", version: 21 }],
  producerName: "test",
  metadata: { block_size: "4", predicts: "every" },
  graph: {
    name: "g",
    nodes: [
      { opType: "Gather", inputs: ["table", "input_ids"], outputs: ["x"], attributes: {} },
      { opType: "Gemm", inputs: ["x", "w", "b"], outputs: ["h"], attributes: { transB: { type: "int", value: 1 } } },
      { opType: "Transpose", inputs: ["table"], outputs: ["t"], attributes: { perm: { type: "ints", value: [1, 0] } } },
      { opType: "MatMul", inputs: ["h", "t"], outputs: ["logits"], attributes: {} },
    ],
    inputs: [{ name: "input_ids", dataType: "int64", shape: ["batch", 4] }],
    outputs: [{ name: "logits", dataType: "float32", shape: ["batch", 4, 20] }],
    initializers: [
      { name: "table", dims: [20, 16], dataType: "float32", data: new Uint8Array(1280).fill(63) },
      { name: "w", dims: [16, 16], dataType: "float32", data: new Uint8Array(1024).fill(62) },
      { name: "b", dims: [16], dataType: "float32", data: new Uint8Array(64) },
    ],
  },
};

/** Model files of different content, by name. */
export const models: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["language model", encodeModel(languageModel)],
  [
    "quantized language model",
    encodeModel(halfPrecision(quantizeModel(languageModel, { embeddings: true, blockSize: 16 }))),
  ],
  ...["control_flow", "typed_fields", "external_data"].map((name) => [name, fixtureBytes(name)] as const),
];

/** Damages a file `count` times; returns how many could be read, and every error that is not one of ours in a line. */
export function damage(bytes: Uint8Array, count: number): { read: number; odd: readonly unknown[] } {
  const random = randomFrom(1);
  const odd: unknown[] = [];
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      if (!isOurs(error)) odd.push(error);
      return undefined;
    }
  };
  let read = 0;
  for (let i = 0; i < count; i++) {
    const damaged = i % 2 === 0 ? mutatedMessage(bytes, random) : mutatedBytes(bytes, random);
    const model = attempt(() => decodeModel(damaged));
    if (model === undefined) continue;
    read++;
    for (const use of uses) attempt(() => use(model));
  }
  return { read, odd };
}

/** The longest are those that lead through a hundred nested messages. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof RangeError) || error.message.length > 3000) return false;
  return /^[a-zA-Z]+: expected [^\n\r]+, got [^\n\r]+$/.test(error.message);
}
