import { decodeModel, encodeModel, type OnnxModel } from "@llm-learning/onnx";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixtureBytes } from "./fixture.ts";
import { anyModel } from "./modelArbitrary.ts";
import { ModelProto, toObject, UnpackedModelProto } from "./onnxSchema.ts";

/** What the two encodings may differ in: typed data against raw bytes, and empty texts written out or left out. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !/^(float|int32|int64|double|uint64|raw)_data$/.test(key) && item !== "")
      .map(([key, item]) => [key, comparable(item)]),
  );
}

describe("protobufjs with the schema of the standard", () => {
  test.each(["control_flow", "typed_fields", "external_data"])(
    "sees the same fields in our %s as in Python's",
    (name) => {
      const bytes = fixtureBytes(name);
      expect(comparable(toObject(encodeModel(decodeModel(bytes))))).toEqual(comparable(toObject(bytes)));
    },
  );

  test("hands on every model that we write, without losing a value", () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const bytes = encodeModel(model);
        expect(decodeModel(bytes)).toEqual(model);
        expect(decodeModel(ModelProto.encode(ModelProto.decode(bytes)).finish())).toEqual(model);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test.each([
    ["packed", ModelProto],
    ["unpacked", UnpackedModelProto],
  ])("writes typed data %s, and it is read as raw bytes", (_, proto) => {
    const initializer = [
      { dims: [3], data_type: 1, float_data: [1.5, -2, 0.25] },
      { dims: [2], data_type: 11, double_data: [1.5, -2] },
      { dims: [3], data_type: 6, int32_data: [-1, 300, -(2 ** 31)] },
      { dims: [3], data_type: 7, int64_data: [-1, 300, -(2 ** 40)] },
      { dims: [2], data_type: 13, uint64_data: [1, 2 ** 50] },
    ];
    const bytes = proto.encode(proto.fromObject({ graph: { initializer } })).finish();
    expect(decodeModel(bytes).graph.initializers.map(({ data }) => data)).toEqual([
      new Uint8Array(Float32Array.of(1.5, -2, 0.25).buffer),
      new Uint8Array(Float64Array.of(1.5, -2).buffer),
      new Uint8Array(Int32Array.of(-1, 300, -(2 ** 31)).buffer),
      new Uint8Array(BigInt64Array.of(-1n, 300n, -(2n ** 40n)).buffer),
      new Uint8Array(BigUint64Array.of(1n, 2n ** 50n).buffer),
    ]);
  });

  test("writes fields that we do not know, and they are skipped", () => {
    const model: OnnxModel = {
      irVersion: 11,
      opsetImports: [{ domain: "", version: 23 }],
      producerName: "p",
      metadata: {},
      graph: {
        name: "g",
        nodes: [{ opType: "Neg", inputs: ["x"], outputs: ["y"], attributes: {} }],
        inputs: [],
        outputs: [],
        initializers: [],
      },
    };
    const message = ModelProto.toObject(ModelProto.decode(encodeModel(model)));
    const subgraph = { name: "init" };
    message["training_info"] = [{ initialization: subgraph, algorithm: subgraph, update_binding: [{ key: "a" }] }];
    message["configuration"] = [{ name: "two", num_devices: 2, device: ["cpu", "gpu"] }];
    message["graph"].node[0].device_configurations = [
      {
        configuration_id: "two",
        pipeline_stage: 1,
        sharding_spec: [
          {
            tensor_name: "x",
            device: [0, -1],
            index_to_device_group_map: [{ key: -1, value: [0, 1] }],
            sharded_dim: [{ axis: 0, simple_sharding: [{ dim_param: "n", num_shards: 2 }] }],
          },
        ],
      },
    ];
    const bytes = ModelProto.encode(ModelProto.fromObject(message)).finish();
    expect(bytes.length).toBeGreaterThan(encodeModel(model).length + 40);
    expect(decodeModel(bytes)).toEqual(model);
  });
});
