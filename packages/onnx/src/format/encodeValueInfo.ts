/** Writes ValueInfoProto, TypeProto and TensorShapeProto. */
import type { OnnxDataType } from "./dataTypes.ts";
import { encodeDataType, encodeEntries } from "./encodeTensor.ts";
import type { OnnxShape, OnnxType, OnnxValueInfo } from "./valueInfo.ts";
import type { WireWriter } from "./wireWriter.ts";

/** Writes the fields of a ValueInfoProto. */
export function encodeValueInfo(writer: WireWriter, info: OnnxValueInfo): void {
  const { name, dataType, shape } = info;
  writer.string(1, "name", name);
  // Without an element type or a shape there is nothing to say about the value, and saying nothing is allowed.
  const untyped = dataType === "undefined" && shape === undefined;
  const type = info.type ?? (untyped ? undefined : ({ kind: "tensor", dataType, shape } as const));
  if (type !== undefined) writer.message(2, "type", () => encodeType(writer, type));
  writer.optionalString(3, "docString", info.docString);
  encodeEntries(writer, 4, "metadata", info.metadata);
}

/** Writes the fields of a TypeProto. */
export function encodeType(writer: WireWriter, type: OnnxType): void {
  switch (type.kind) {
    case "tensor":
      return writer.message(1, "", () => encodeTensorType(writer, type.dataType, type.shape));
    case "sparseTensor":
      return writer.message(8, "", () => encodeTensorType(writer, type.dataType, type.shape));
    case "sequence":
      return writer.message(4, "", () => writer.message(1, "element", () => encodeType(writer, type.element)));
    case "optional":
      return writer.message(9, "", () => writer.message(1, "element", () => encodeType(writer, type.element)));
    case "map":
      return writer.message(5, "", () => {
        encodeDataType(writer, 1, "keyType", type.keyType);
        writer.message(2, "value", () => encodeType(writer, type.value));
      });
    case "opaque":
      return writer.message(7, "", () => {
        writer.optionalString(1, "domain", type.domain);
        writer.optionalString(2, "name", type.name);
      });
    case "untyped":
      return;
    default:
      throw writer.unexpected("a kind of ONNX type", "kind", (type as { kind?: unknown }).kind);
  }
}

function encodeTensorType(writer: WireWriter, dataType: OnnxDataType, shape: OnnxShape | undefined): void {
  encodeDataType(writer, 1, "dataType", dataType);
  if (shape === undefined) return;
  writer.message(2, "shape", () => {
    shape.forEach((dim, index) => {
      writer.message(1, `[${index}]`, () => {
        if (dim === undefined) return;
        if (typeof dim === "string") return writer.string(2, "", dim);
        if (!Number.isSafeInteger(dim) || dim < 0) {
          throw writer.unexpected("a size of at least 0, a name, or undefined", "", dim);
        }
        writer.int(1, "", dim);
      });
    });
  });
}
