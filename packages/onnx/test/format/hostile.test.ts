import { decodeModel, encodeModel, type OnnxModel } from "@llm-learning/onnx";
import { mutatedBytes, randomFrom } from "@llm-learning/testing/mutations";
import { describe, expect, test } from "vitest";
import { fixtureBytes } from "./fixture.ts";

const model: OnnxModel = {
  irVersion: 10,
  opsetImports: [{ domain: "", version: 21 }],
  producerName: "p",
  metadata: {},
  graph: {
    name: "g",
    nodes: [{ opType: "Neg", inputs: ["x"], outputs: ["y"], attributes: { a: { type: "ints", value: [1, 2, 3] } } }],
    inputs: [{ name: "x", dataType: "float32", shape: [2] }],
    outputs: [{ name: "y", dataType: "float32", shape: [2] }],
    initializers: [{ name: "w", dims: [300], dataType: "float32", data: new Uint8Array(1200) }],
  },
};

/** A field of wire type 2. */
function field(number: number, content: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Uint8Array.of(...varint(number * 8 + 2), ...varint(bytes.length), ...bytes);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

const inGraph = (...fields: Uint8Array[]) => field(7, Uint8Array.from(fields.flatMap((bytes) => [...bytes])));
const initializer = (...bytes: number[]) => inGraph(field(5, Uint8Array.from(bytes)));

/** All bytes that a decoded model holds outside the file. */
function ownBytes(value: unknown, file: ArrayBufferLike): number {
  if (value instanceof Uint8Array) return value.buffer === file ? 0 : value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + ownBytes(item, file), 0);
}

describe("decodeModel on damaged files", () => {
  test.each(["control_flow", "typed_fields", "external_data"])("refuses or reads 1000 mutations of %s", (name) => {
    const original = fixtureBytes(name);
    const random = randomFrom(1);
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const bytes = mutatedBytes(original, random);
      try {
        // Typed data is widened to at most 8 bytes for one in the file.
        expect(ownBytes(decodeModel(bytes), bytes.buffer)).toBeLessThanOrEqual(8 * bytes.length);
      } catch (error) {
        if (!(error instanceof RangeError) || !error.message.startsWith("decodeModel: expected ")) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  test("refuses every truncation of a model that cuts its graph", () => {
    const bytes = encodeModel({ ...model, opsetImports: [] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length))).toThrow(/^decodeModel: expected /);
    }
  });

  test("names the field and the offset where bytes are missing", () => {
    const tensor = [0x08, 10, 0x4a, ...varint(1200), 1, 2, 3, 4];
    expect(() => decodeModel(initializer(...tensor))).toThrow(
      "decodeModel: expected 1200 bytes for graph.initializer[0].raw_data at offset 9, got 4",
    );
  });

  test("does not allocate what a length merely claims", () => {
    expect(() => decodeModel(initializer(0x4a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1))).toThrow(
      "decodeModel: expected 18446744073709552000 bytes for graph.initializer[0].raw_data at offset 15, got 0",
    );
    const dims = [0x0a, 6, ...varint(2 ** 40)];
    expect(() => decodeModel(initializer(...dims, 0x10, 7, 0x3a, 1, 5))).toThrow(
      "expected 1099511627776 values of int64 for graph.initializer[0].int64_data at offset 17, got 1",
    );
  });

  test("refuses dims that no tensor has", () => {
    const huge = [0x08, ...varint(2 ** 40), 0x08, ...varint(2 ** 40), 0x10, 1];
    expect(() => decodeModel(initializer(...huge))).toThrow(
      "expected integers of at least 0 and fewer than 2^53 bytes for graph.initializer[0].dims at offset 20, " +
        "got [1099511627776, 1099511627776]",
    );
    const negative = [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0x10, 1];
    expect(() => decodeModel(initializer(...negative))).toThrow("graph.initializer[0].dims at offset 17, got [-1]");
  });

  test("refuses data that does not fill its dims", () => {
    expect(() => decodeModel(initializer(0x08, 3, 0x10, 1, 0x4a, 4, 0, 0, 0, 0))).toThrow(
      "decodeModel: expected 12 bytes (float32 [3]) for graph.initializer[0].raw_data at offset 14, got 4",
    );
  });

  test("refuses unknown codes, wire types, and endless varints", () => {
    expect(() => decodeModel(initializer(0x10, 99))).toThrow(
      "expected the code of an ONNX data type for graph.initializer[0].data_type at offset 5, got 99",
    );
    expect(() => decodeModel(Uint8Array.of(0x38, 1))).toThrow("expected wire type 2 for graph at offset 1, got 0");
    expect(() => decodeModel(Uint8Array.of(0x0b))).toThrow("expected wire type 0 for ir_version at offset 1, got 3");
    expect(() => decodeModel(Uint8Array.of(0xfb, 0x01))).toThrow("expected wire type 0, 1, 2 or 5 for field 31");
    expect(() => decodeModel(Uint8Array.of(0x08, ...new Array<number>(11).fill(128)))).toThrow(
      "expected a varint of at most 10 bytes for ir_version at offset 1, got a longer one",
    );
  });

  test("refuses text that is not UTF-8", () => {
    expect(() => decodeModel(inGraph(field(2, Uint8Array.of(0x61, 0xff))))).toThrow(
      "decodeModel: expected UTF-8 for graph.name at offset 4, got other bytes",
    );
  });

  test("refuses graphs nested deeper than protobuf allows, and reads those within", () => {
    const nest = (depth: number): Uint8Array => {
      let graph = field(2, "inner");
      for (let i = 0; i < depth; i++) graph = field(1, field(5, field(6, graph)));
      return field(7, graph);
    };
    expect(decodeModel(nest(33)).graph.nodes).toHaveLength(1);
    expect(() => decodeModel(nest(34))).toThrow(
      /^decodeModel: expected at most 100 nested messages for graph\.node\[0\]/,
    );
    expect(() => decodeModel(nest(300))).toThrow(RangeError);
  });

  test("refuses two graphs, two attributes of one name, and a graph-valued attribute without a graph", () => {
    expect(() => decodeModel(Uint8Array.of(...inGraph(), ...inGraph()))).toThrow(
      "decodeModel: expected one graph for graph at offset 3, got a second one",
    );
    const attribute = field(5, Uint8Array.of(...field(1, "a"), 0xa0, 1, 2));
    expect(() => decodeModel(inGraph(field(1, Uint8Array.of(...attribute, ...attribute))))).toThrow(
      'expected attributes of different names for graph.node[0].attribute[1].name at offset 14, got "a"',
    );
    const empty = field(5, Uint8Array.of(...field(1, "a"), 0xa0, 1, 5));
    expect(() => decodeModel(inGraph(field(1, empty)))).toThrow(
      "expected a value for graph.node[0].attribute[0].graph",
    );
  });

  test.each(["../secret", "/etc/passwd", "a/../../b", "C:\\x", "C:x", "a\\b", "a\0b", "a:b", "*/_ORT_MEM_ADDR_/*", ""])(
    "refuses external data at %j, outside the model's directory",
    (location) => {
      const entry = field(13, Uint8Array.of(...field(1, "location"), ...field(2, location)));
      expect(() => decodeModel(initializer(0x10, 1, ...entry, 0x70, 1))).toThrow(
        "expected a relative path below the model's directory for graph.initializer[0].external_data.location",
      );
    },
  );

  test("refuses external offsets that are no numbers", () => {
    const entries = [
      ...field(13, Uint8Array.of(...field(1, "location"), ...field(2, "w"))),
      ...field(13, Uint8Array.of(...field(1, "offset"), ...field(2, "0x10"))),
    ];
    expect(() => decodeModel(initializer(0x10, 1, ...entries, 0x70, 1))).toThrow(
      'expected a decimal integer below 2^53 for graph.initializer[0].external_data.offset at offset 39, got "0x10"',
    );
  });

  test("refuses files that hold no model", () => {
    expect(() => decodeModel(new Uint8Array(0))).toThrow(
      "decodeModel: expected a model with a graph for graph at offset 0, got none (is this an ONNX file?)",
    );
    expect(() => decodeModel("model" as unknown as Uint8Array)).toThrow(
      new TypeError("decodeModel: expected a Uint8Array, got [object String]"),
    );
  });

  test("keeps names such as __proto__ as plain entries", () => {
    const entry = field(14, Uint8Array.of(...field(1, "__proto__"), ...field(2, "x")));
    const { metadata } = decodeModel(Uint8Array.of(...inGraph(), ...entry));
    expect(Object.entries(metadata)).toEqual([["__proto__", "x"]]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });
});

describe("decodeModel on whole files", () => {
  test("returns raw data as views of the file, wherever the file lies in its buffer", () => {
    const bytes = encodeModel(model);
    const shifted = new Uint8Array(bytes.length + 7);
    shifted.set(bytes, 7);
    const { data } = decodeModel(shifted.subarray(7)).graph.initializers[0];
    expect(data!.buffer).toBe(shifted.buffer);
    expect(data).toHaveLength(1200);
  });

  test("reads shared memory and Node buffers, with plain Uint8Array views", () => {
    const bytes = encodeModel(model);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(decodeModel(shared)).toEqual(model);
    expect(decodeModel(Buffer.from(bytes)).graph.initializers[0].data!.constructor).toBe(Uint8Array);
  });
});
