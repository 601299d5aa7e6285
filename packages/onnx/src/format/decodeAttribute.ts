/**
 * Reads AttributeProto: one field per kind of value, and a `type` that says which of them counts.
 *
 * Files from before IR version 2 have no `type`; there the one field present decides. A scalar that is absent is 0 or
 * "", because proto3 writers leave those out.
 */
import { attributeTypeOfCode, type OnnxAttributeType } from "./attributeTypes.ts";
import { decodeGraph } from "./decodeGraph.ts";
import { decodeSparseTensor, decodeTensor } from "./decodeTensor.ts";
import { decodeType } from "./decodeValueInfo.ts";
import type { OnnxAttribute, OnnxGraph } from "./model.ts";
import type { OnnxSparseTensor, OnnxTensor } from "./tensor.ts";
import { described } from "./described.ts";
import { readUtf8 } from "./utf8.ts";
import type { OnnxType } from "./valueInfo.ts";
import type { WireReader } from "./wireReader.ts";

/** The values found in one attribute, by type; normally exactly one. */
type Found = Map<OnnxAttributeType, OnnxAttribute>;

/** Reads an attribute into `attributes` under its name, which must be new. */
export function decodeAttribute(reader: WireReader, attributes: Map<string, OnnxAttribute>): void {
  const start = reader.position;
  const found: Found = new Map();
  let name = "";
  let reference = "";
  let code = 0;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string("name");
    else if (reader.field === 20) code = reader.integer("type");
    else if (reader.field === 21) reference = reader.string("ref_attr_name");
    else decodeValue(reader, found);
  }
  if (attributes.has(name)) {
    throw reader.unexpected("attributes of different names", "name", described(name), undefined, start);
  }
  const type = code === 0 && found.size === 1 ? found.keys().next().value : attributeTypeOfCode(code);
  if (type === undefined) throw reader.unexpected("the code of an attribute type", "type", code, undefined, start);
  const value = reference === "" ? (found.get(type) ?? absentValue(type)) : undefined;
  if (reference === "" && value === undefined) throw reader.unexpected("a value", type, "none", undefined, start);
  attributes.set(name, value ?? { type: "reference", name: reference, of: type });
}

function decodeValue(reader: WireReader, found: Found): void {
  switch (reader.field) {
    case 2:
      found.set("float", { type: "float", value: reader.float("f") });
      break;
    case 3:
      found.set("int", { type: "int", value: reader.int64("i") });
      break;
    case 4:
      found.set("string", textOrBytes(reader.bytes("s")));
      break;
    case 5:
      found.set("tensor", { type: "tensor", value: decodeTensor(reader.message("t")) });
      break;
    case 6:
      found.set("graph", { type: "graph", value: decodeGraph(reader.message("g")) });
      break;
    case 7:
      reader.floats("floats", list<number>(found, "floats"));
      break;
    case 8:
      reader.int64s("ints", list<number | bigint>(found, "ints"));
      break;
    case 9: {
      const strings = list<string>(found, "strings");
      strings.push(reader.string("strings", strings.length));
      break;
    }
    case 10: {
      const tensors = list<OnnxTensor>(found, "tensors");
      tensors.push(decodeTensor(reader.message("tensors", tensors.length)));
      break;
    }
    case 11: {
      const graphs = list<OnnxGraph>(found, "graphs");
      graphs.push(decodeGraph(reader.message("graphs", graphs.length)));
      break;
    }
    case 14:
      found.set("typeProto", { type: "typeProto", value: decodeType(reader.message("tp")) });
      break;
    case 15: {
      const types = list<OnnxType>(found, "typeProtos");
      types.push(decodeType(reader.message("type_protos", types.length)));
      break;
    }
    case 22:
      found.set("sparseTensor", { type: "sparseTensor", value: decodeSparseTensor(reader.message("sparse_tensor")) });
      break;
    case 23: {
      const tensors = list<OnnxSparseTensor>(found, "sparseTensors");
      tensors.push(decodeSparseTensor(reader.message("sparse_tensors", tensors.length)));
      break;
    }
    default:
      reader.skip();
  }
}

/** The list that a repeated field appends to; `T` is what lists of this type hold. */
function list<T>(found: Found, type: OnnxAttributeType & `${string}s`): T[] {
  const attribute = found.get(type) ?? ({ type, value: [] } as OnnxAttribute & { value: unknown });
  found.set(type, attribute);
  return (attribute as unknown as { value: T[] }).value;
}

function textOrBytes(bytes: Uint8Array): OnnxAttribute {
  const text = readUtf8(bytes, 0, bytes.length);
  return text === undefined ? { type: "bytes", value: bytes } : { type: "string", value: text };
}

/** What an attribute without a value means: nothing for messages, else the zero of its type. */
function absentValue(type: OnnxAttributeType): OnnxAttribute | undefined {
  if (type === "float" || type === "int") return { type, value: 0 };
  if (type === "string") return { type, value: "" };
  return type.endsWith("s") ? ({ type, value: [] } as OnnxAttribute & { value: unknown }) : undefined;
}
