/** Reads ValueInfoProto, TypeProto and TensorShapeProto. */
import type { OnnxDataType } from "./dataTypes.ts";
import { decodeDataType, decodeEntry, setMetadata } from "./decodeTensor.ts";
import { type Mutable, setText } from "./mutable.ts";
import type { OnnxShape, OnnxType, OnnxValueInfo } from "./valueInfo.ts";
import type { WireReader } from "./wireReader.ts";

/** Reads a ValueInfoProto. */
export function decodeValueInfo(reader: WireReader): OnnxValueInfo {
  const info: Mutable<OnnxValueInfo> = { name: "", dataType: "undefined", shape: undefined };
  const metadata = new Map<string, string>();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        info.name = reader.string("name");
        break;
      case 2: {
        const type = decodeType(reader.message("type"));
        if (type.kind === "tensor") {
          info.dataType = type.dataType;
          info.shape = type.shape;
        } else if (type.kind !== "untyped") info.type = type;
        break;
      }
      case 3:
        setText(info, "docString", reader.string("doc_string"));
        break;
      case 4:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      default:
        reader.skip();
    }
  }
  setMetadata(info, metadata);
  return info;
}

/** Reads a TypeProto: of several kinds, the last one counts, as protobuf has it for alternatives. */
export function decodeType(reader: WireReader): OnnxType {
  let type: OnnxType = { kind: "untyped" };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        type = { kind: "tensor", ...decodeTensorType(reader.message("tensor_type")) };
        break;
      case 4:
        type = { kind: "sequence", element: decodeElementType(reader.message("sequence_type")) };
        break;
      case 5:
        type = decodeMapType(reader.message("map_type"));
        break;
      case 7:
        type = decodeOpaqueType(reader.message("opaque_type"));
        break;
      case 8:
        type = { kind: "sparseTensor", ...decodeTensorType(reader.message("sparse_tensor_type")) };
        break;
      case 9:
        type = { kind: "optional", element: decodeElementType(reader.message("optional_type")) };
        break;
      default:
        reader.skip();
    }
  }
  return type;
}

function decodeTensorType(reader: WireReader): { dataType: OnnxDataType; shape: OnnxShape | undefined } {
  let dataType: OnnxDataType = "undefined";
  let shape: OnnxShape | undefined;
  while (reader.next()) {
    if (reader.field === 1) dataType = decodeDataType(reader, "elem_type");
    else if (reader.field === 2) shape = decodeShape(reader.message("shape"));
    else reader.skip();
  }
  return { dataType, shape };
}

function decodeShape(reader: WireReader): OnnxShape {
  const shape: (number | string | undefined)[] = [];
  while (reader.next()) {
    if (reader.field === 1) shape.push(decodeDimension(reader.message("dim", shape.length)));
    else reader.skip();
  }
  return shape;
}

/** Older exporters write -1, or an empty name, for a size they do not know. */
function decodeDimension(reader: WireReader): number | string | undefined {
  let dimension: number | string | undefined;
  while (reader.next()) {
    if (reader.field === 1) dimension = reader.integer("dim_value");
    else if (reader.field === 2) dimension = reader.string("dim_param");
    else reader.skip();
  }
  return dimension === "" || (typeof dimension === "number" && dimension < 0) ? undefined : dimension;
}

/** The one field that sequence and optional types have. */
function decodeElementType(reader: WireReader): OnnxType {
  let element: OnnxType = { kind: "untyped" };
  while (reader.next()) {
    if (reader.field === 1) element = decodeType(reader.message("elem_type"));
    else reader.skip();
  }
  return element;
}

function decodeMapType(reader: WireReader): OnnxType & { kind: "map" } {
  let keyType: OnnxDataType = "undefined";
  let value: OnnxType = { kind: "untyped" };
  while (reader.next()) {
    if (reader.field === 1) keyType = decodeDataType(reader, "key_type");
    else if (reader.field === 2) value = decodeType(reader.message("value_type"));
    else reader.skip();
  }
  return { kind: "map", keyType, value };
}

function decodeOpaqueType(reader: WireReader): OnnxType & { kind: "opaque" } {
  let domain = "";
  let name = "";
  while (reader.next()) {
    if (reader.field === 1) domain = reader.string("domain");
    else if (reader.field === 2) name = reader.string("name");
    else reader.skip();
  }
  return { kind: "opaque", domain, name };
}
