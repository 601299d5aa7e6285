/** Random models for property tests: every kind of attribute, tensor and type, in the form that decodeModel returns. */
import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  tensorByteLength,
} from "@llm-learning/onnx";
import fc from "fast-check";

const text = fc.string({ unit: "binary", maxLength: 6 });
const someText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 });
const record = fc.dictionary(fc.string({ maxLength: 4 }), text, { maxKeys: 3 }).map((entries) => ({ ...entries }));
const metadata = fc.option(
  record.filter((entries) => Object.keys(entries).length > 0),
  { nil: undefined },
);
const dims = fc.array(fc.nat(4), { maxLength: 3 });
const header = { name: text, dims };
const dataType = fc.constantFrom("float32", "int64", "bool", "int4", "uint2", "float16", "complex128", "float8e5m2");
const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }),
);
const float32 = fc.float({ noNaN: true });

const tensor: fc.Arbitrary<OnnxTensor> = fc.oneof(
  fc.record({ ...header, dataType }).chain((head) => {
    const length = tensorByteLength(head.dataType, head.dims);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ ...head, data }));
  }),
  fc
    .record({
      ...header,
      dataType,
      offset: fc.maxSafeInteger().map(Math.abs),
      location: fc.constantFrom("w", "a/b.bin"),
    })
    .map(({ offset, location, ...head }) => ({
      ...head,
      external: { location, offset, length: tensorByteLength(head.dataType, head.dims) },
    })),
  fc.array(text, { maxLength: 4 }).map((strings) => ({
    name: "s",
    dims: [strings.length],
    dataType: "string" as const,
    strings,
  })),
);
const shape = fc.option(fc.array(fc.oneof(fc.nat(), someText, fc.constant(undefined)), { maxLength: 4 }), {
  nil: undefined,
});
const sparse = fc.record({ values: tensor, indices: tensor, dims });

const { type } = fc.letrec((tie) => ({
  type: fc.oneof(
    { depthSize: "small" },
    fc.record({ kind: fc.constant("tensor"), dataType, shape }, { requiredKeys: ["kind", "dataType", "shape"] }),
    fc.record({ kind: fc.constant("sequence"), element: tie("type") }),
    fc.record({ kind: fc.constant("optional"), element: tie("type") }),
    fc.record({ kind: fc.constant("map"), keyType: dataType, value: tie("type") }),
    fc.record({ kind: fc.constant("opaque"), domain: text, name: text }),
    fc.record({ kind: fc.constant("untyped") }),
  ),
}));

const valueInfo = fc.record({ name: text, dataType, shape, metadata }).map(({ metadata: entries, ...info }) => ({
  ...info,
  ...(entries && { metadata: entries }),
}));

const many = <T>(items: fc.Arbitrary<T>) => fc.array(items, { maxLength: 3 });
const attributeOf = (kind: string, value: fc.Arbitrary<unknown>) => fc.record({ type: fc.constant(kind), value });

const { graph } = fc.letrec<{ graph: OnnxGraph; attribute: OnnxAttribute }>((tie) => ({
  attribute: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    attributeOf("float", float32),
    attributeOf("int", int64),
    attributeOf("string", text),
    attributeOf("bytes", fc.constant(Uint8Array.of(0xff, 0))),
    attributeOf("floats", many(float32)),
    attributeOf("ints", many(int64)),
    attributeOf("strings", many(text)),
    attributeOf("tensor", tensor),
    attributeOf("tensors", many(tensor)),
    attributeOf("sparseTensor", sparse),
    attributeOf("sparseTensors", many(sparse)),
    attributeOf("typeProto", type),
    attributeOf("typeProtos", many(type)),
    fc.record({ type: fc.constant("reference"), name: someText, of: fc.constantFrom("graph", "floats") }),
    attributeOf("graph", tie("graph")),
    attributeOf("graphs", many(tie("graph"))),
  ) as fc.Arbitrary<OnnxAttribute>,
  graph: fc.record({
    name: text,
    nodes: fc.array(
      fc.record({
        opType: text,
        inputs: many(text),
        outputs: many(text),
        attributes: fc
          .dictionary(fc.string({ maxLength: 4 }), tie("attribute"), { maxKeys: 3 })
          .map((all) => ({ ...all })),
      }),
      { maxLength: 2 },
    ),
    inputs: many(valueInfo),
    outputs: many(valueInfo),
    initializers: many(tensor),
  }) as fc.Arbitrary<OnnxGraph>,
}));

/** A model that decodes to itself. */
export const anyModel: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.nat(13),
  opsetImports: many(fc.record({ domain: text, version: fc.nat(26) })),
  producerName: text,
  modelVersion: fc.maxSafeInteger(),
  metadata: record,
  graph,
});
