import {
  decodeModel,
  encodeModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
} from "@llm-learning/onnx";
import { describe, expect, test } from "vitest";
import { toObject } from "./onnxSchema.ts";

function modelOf(graph: Partial<OnnxGraph>): OnnxModel {
  return {
    irVersion: 10,
    opsetImports: [{ domain: "", version: 21 }],
    producerName: "p",
    metadata: {},
    graph: { name: "g", nodes: [], inputs: [], outputs: [], initializers: [], ...graph },
  };
}

const withAttribute = (attribute: OnnxAttribute) =>
  modelOf({ nodes: [{ opType: "Op", inputs: [], outputs: [], attributes: { a: attribute } }] });
const withTensor = (tensor: object) =>
  modelOf({ initializers: [{ name: "w", dims: [2], dataType: "float32", ...tensor } as unknown as OnnxTensor] });
const roundTrip = (attribute: OnnxAttribute) =>
  decodeModel(encodeModel(withAttribute(attribute))).graph.nodes[0].attributes["a"];

/** The attribute as protobufjs reads it, 64-bit integers as decimals. */
function readElsewhere(attribute: OnnxAttribute): Record<string, unknown> {
  const { graph } = toObject(encodeModel(withAttribute(attribute))) as {
    graph: { node: { attribute: Record<string, unknown>[] }[] };
  };
  return graph.node[0].attribute[0];
}

describe("encodeModel", () => {
  test("writes exactly the bytes that protobuf's rules give", () => {
    const bytes = encodeModel({ ...modelOf({}), irVersion: 300 });
    // Worked out by hand: tag = field * 8 + wire type, 300 = 0b10_0101100 as a varint.
    const fields = [
      [0x08, 0xac, 0x02], // 1 ir_version = 300
      [0x12, 1, 0x70], // 2 producer_name = "p"
      [0x3a, 3, 0x12, 1, 0x67], // 7 graph, 3 bytes: 2 name = "g"
      [0x42, 4, 0x0a, 0, 0x10, 21], // 8 opset_import, 4 bytes: 1 domain = "", 2 version = 21
    ];
    expect([...bytes]).toEqual(fields.flat());
  });

  test("carries 64-bit integers exactly, as numbers where they fit and as bigints elsewhere", () => {
    const numbers = [0, 1, -1, 127, 128, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53) + 1];
    const limits = [...numbers, 2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    for (const value of limits) {
      expect(readElsewhere({ type: "int", value })["i"]).toBe(String(value));
      expect(roundTrip({ type: "int", value })).toEqual({ type: "int", value });
    }
    expect(readElsewhere({ type: "ints", value: limits })["ints"]).toEqual(limits.map(String));
    expect(roundTrip({ type: "ints", value: limits })).toEqual({ type: "ints", value: limits });
    expect(roundTrip({ type: "int", value: 5n })).toEqual({ type: "int", value: 5 });
  });

  test("stores floats in 32 bits, and zeros as present values", () => {
    expect(roundTrip({ type: "float", value: 0.1 })).toEqual({ type: "float", value: Math.fround(0.1) });
    expect(roundTrip({ type: "floats", value: [-0, Infinity, Number.NaN] })).toEqual({
      type: "floats",
      value: [-0, Infinity, Number.NaN],
    });
    expect(readElsewhere({ type: "float", value: 0 })).toEqual({ name: "a", f: 0, type: 1 });
    expect(readElsewhere({ type: "int", value: 0 })).toEqual({ name: "a", i: "0", type: 2 });
    expect(readElsewhere({ type: "string", value: "" })).toEqual({ name: "a", s: new Uint8Array(0), type: 3 });
  });

  test("tells a scalar from a tensor of unknown rank, and unknown dims from named ones", () => {
    const inputs = [
      { name: "scalar", dataType: "float32", shape: [] },
      { name: "anything", dataType: "float32", shape: undefined },
      { name: "dims", dataType: "int64", shape: ["batch_size", undefined, 0] },
      { name: "untyped", dataType: "undefined", shape: undefined },
    ] as const;
    const bytes = encodeModel(modelOf({ inputs }));
    expect(decodeModel(bytes).graph.inputs).toEqual(inputs);
    const { graph } = toObject(bytes) as { graph: { input: { type?: { tensor_type: object } }[] } };
    expect(graph.input.map(({ type }) => type?.tensor_type)).toEqual([
      { elem_type: 1, shape: {} },
      { elem_type: 1 },
      { elem_type: 7, shape: { dim: [{ dim_param: "batch_size" }, {}, { dim_value: "0" }] } },
      undefined,
    ]);
  });

  test("writes tensors without elements without data, as ONNX's checker demands", () => {
    const { graph } = toObject(encodeModel(withTensor({ dims: [0, 3], data: new Uint8Array(0) }))) as { graph: object };
    expect(graph).toEqual({ name: "g", initializer: [{ dims: ["0", "3"], data_type: 1, name: "w" }] });
  });

  test("refuses more than protobuf's 2 GiB before it allocates anything", () => {
    const data = new Uint8Array(2 ** 26);
    const initializers = Array.from({ length: 33 }, (_, index) => ({
      name: `w${index}`,
      dims: [2 ** 24],
      dataType: "float32" as const,
      data,
    }));
    expect(() => encodeModel(modelOf({ initializers }))).toThrow(
      /^encodeModel: expected at most 2147483647 bytes \(protobuf's limit\), got 22145\d{5}; move large initializers to external data$/,
    );
  });

  test("refuses data that does not fill its dims, and says which tensor it is", () => {
    expect(() => encodeModel(withTensor({ data: new Uint8Array(4) }))).toThrow(
      new RangeError("encodeModel: expected 8 bytes (float32 [2]) for graph.initializers[0].data, got 4"),
    );
    expect(() => encodeModel(withTensor({ data: new Float32Array(8) }))).toThrow(
      new TypeError("encodeModel: expected a Uint8Array for graph.initializers[0].data, got Float32Array"),
    );
    expect(() => encodeModel(withTensor({}))).toThrow(
      "encodeModel: expected one of data, strings and external for graph.initializers[0], got undefined",
    );
    expect(() => encodeModel(withTensor({ dataType: "float", data: new Uint8Array(8) }))).toThrow(
      'encodeModel: expected an ONNX data type for graph.initializers[0].dataType, got "float"',
    );
    expect(() => encodeModel(withTensor({ dims: [-2], data: new Uint8Array(8) }))).toThrow(
      "encodeModel: expected integers of at least 0 and fewer than 2^53 bytes for graph.initializers[0].dims, got [-2]",
    );
    expect(() => encodeModel(withTensor({ dataType: "string", strings: ["a"] }))).toThrow(
      "encodeModel: expected 2 strings for graph.initializers[0].strings, got 1",
    );
    expect(() => encodeModel(withTensor({ dataType: "string", data: new Uint8Array(0) }))).toThrow(
      "encodeModel: expected strings for graph.initializers[0].data, got Uint8Array",
    );
    expect(() => encodeModel(withTensor({ strings: ["a", "b"] }))).toThrow(
      'encodeModel: expected the data type "string" for graph.initializers[0].dataType, got "float32"',
    );
  });

  test("refuses external data outside the model's directory or of another size", () => {
    expect(() => encodeModel(withTensor({ external: { location: "../w", offset: 0, length: 8 } }))).toThrow(
      'encodeModel: expected a relative path below the model\'s directory for graph.initializers[0].external.location, got "../w"',
    );
    expect(() => encodeModel(withTensor({ external: { location: "w", offset: -1 } }))).toThrow(
      "encodeModel: expected an integer of at least 0 for graph.initializers[0].external.offset, got -1",
    );
    expect(() => encodeModel(withTensor({ external: { location: "w", offset: 0, length: 9 } }))).toThrow(
      "encodeModel: expected 8 bytes (by dims and dataType) for graph.initializers[0].external.length, got 9",
    );
  });

  test("refuses numbers and texts that the file cannot hold", () => {
    const place = "graph.nodes[0].attributes.a.value";
    const attributes: [OnnxAttribute, string][] = [
      [{ type: "int", value: 2 ** 53 }, `an integer within 2^53 (or a bigint) for ${place}, got 9007199254740992`],
      [{ type: "int", value: 1.5 }, `an integer within 2^53 (or a bigint) for ${place}, got 1.5`],
      [{ type: "int", value: 2n ** 63n }, `a 64-bit integer for ${place}, got 9223372036854775808n`],
      [{ type: "ints", value: [1, Number.NaN] }, `an integer within 2^53 (or a bigint) for ${place}[1], got NaN`],
      [{ type: "float", value: 1e39 }, `a number within the range of float32 for ${place}, got 1e+39`],
      [{ type: "string", value: "a\ud800" }, `well-formed text for ${place}, got "a\\ud800"`],
      [{ type: "floats", value: "abc" as never }, `an array for ${place}, got "abc"`],
      [
        { type: "number" as never, value: 1 as never },
        `an attribute type for graph.nodes[0].attributes.a.type, got "number"`,
      ],
    ];
    for (const [attribute, message] of attributes) {
      expect(() => encodeModel(withAttribute(attribute))).toThrow(new RangeError(`encodeModel: expected ${message}`));
    }
    expect(() => encodeModel(withAttribute({ type: "string", value: 3 as never }))).toThrow(
      `encodeModel: expected a string for ${place}, got 3`,
    );
    expect(() => encodeModel(modelOf({ inputs: [{ name: "x", dataType: "float32", shape: [-1] }] }))).toThrow(
      "encodeModel: expected a size of at least 0, a name, or undefined for graph.inputs[0].type.shape[0], got -1",
    );
    expect(() => encodeModel(modelOf({ name: undefined as never }))).toThrow(
      new TypeError("encodeModel: expected a string for graph.name, got undefined"),
    );
  });
});
