import { decodeModel, encodeModel, type OnnxModel } from "@llm-learning/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { fixtureBytes, fixtureJson } from "./fixture.ts";

/** Strict inference refuses declared shapes that do not follow from the graph. */
function load(bytes: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(bytes, { extra: { session: { strict_shape_type_inference: "1" } } });
}

describe("ONNX Runtime", () => {
  test("runs a model that we wrote", async () => {
    const weight = Float32Array.of(1, 2, 3, 4, 5, 6);
    const model: OnnxModel = {
      irVersion: 10,
      opsetImports: [{ domain: "", version: 21 }],
      producerName: "llm-learning",
      metadata: { purpose: "test" },
      graph: {
        name: "linear",
        nodes: [
          {
            opType: "Gemm",
            name: "gemm",
            inputs: ["x", "weight", ""],
            outputs: ["y"],
            attributes: { transB: { type: "int", value: 1 }, alpha: { type: "float", value: 0.5 } },
          },
        ],
        inputs: [{ name: "x", dataType: "float32", shape: ["batch_size", 3] }],
        outputs: [{ name: "y", dataType: "float32", shape: ["batch_size", 2] }],
        initializers: [{ name: "weight", dims: [2, 3], dataType: "float32", data: new Uint8Array(weight.buffer) }],
      },
    };
    const session = await load(encodeModel(model));
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 0, 0, 2, 2, 2), [2, 3]) });
    // y = 0.5 * x W^T: rows [1, 0, 0] and [2, 2, 2] against [1, 2, 3] and [4, 5, 6].
    expect(y.dims).toEqual([2, 2]);
    expect([...(y.data as Float32Array)]).toEqual([0.5, 2, 6, 15]);
  });

  test("computes the same from a model with If, Loop and a function after we read and wrote it", async () => {
    const session = await load(encodeModel(decodeModel(fixtureBytes("control_flow"))));
    for (const { flag, x, y } of fixtureJson("control_flow").runs) {
      const feeds = { flag: new Tensor("bool", [flag], []), x: new Tensor("float32", x, [2, 2]) };
      // By hand, for flag true: x * 0.5, doubled 3 times, at most 6, times -1.5. All exact in float32.
      expect([...((await session.run(feeds))["y"].data as Float32Array)]).toEqual(y);
    }
  });
});
