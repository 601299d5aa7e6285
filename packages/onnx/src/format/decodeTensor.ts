/** Reads TensorProto and SparseTensorProto; the typed fields (`float_data` and the like) become raw bytes. */
import { byteLengthOfElements, dataTypeOfCode, elementCount, type OnnxDataType } from "./dataTypes.ts";
import { type TypedData, typedDataBytes, typedFields } from "./decodeTypedData.ts";
import { described } from "./described.ts";
import { isContainedLocation } from "./externalData.ts";
import { type Mutable, setText } from "./mutable.ts";
import type { OnnxExternalData, OnnxSparseTensor, OnnxTensor, OnnxTensorHeader } from "./tensor.ts";
import type { WireReader } from "./wireReader.ts";

/** Reads one StringStringEntryProto into `entries`; a repeated key replaces the earlier one. */
export function decodeEntry(reader: WireReader, entries: Map<string, string>): void {
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.string("key");
    else if (reader.field === 2) value = reader.string("value");
    else reader.skip();
  }
  entries.set(key, value);
}

/** Adds `metadata` to a record when the file has any; own properties, whatever their names. */
export function setMetadata(
  record: { metadata?: Readonly<Record<string, string>> },
  entries: Map<string, string>,
): void {
  if (entries.size > 0) record.metadata = Object.fromEntries(entries);
}

/** Reads an element type by its code. */
export function decodeDataType(reader: WireReader, label: string): OnnxDataType {
  const start = reader.position;
  const code = reader.integer(label);
  const dataType = dataTypeOfCode(code);
  if (dataType === undefined) throw reader.unexpected("the code of an ONNX data type", label, code, undefined, start);
  return dataType;
}

/** Reads a TensorProto. */
export function decodeTensor(reader: WireReader): OnnxTensor {
  const dims: number[] = [];
  const header: Mutable<OnnxTensorHeader> = { name: "", dims };
  const typed: TypedData = new Map();
  const external = new Map<string, string>();
  const metadata = new Map<string, string>();
  const strings: string[] = [];
  let dataType: OnnxDataType = "undefined";
  let raw: Uint8Array | undefined;
  let location = 0;
  while (reader.next()) {
    const typedField = typedFields.get(reader.field);
    if (typedField !== undefined) {
      const runs = typed.get(typedField.label) ?? [];
      runs.push(...reader.run(typedField.wireType, typedField.label));
      typed.set(typedField.label, runs);
      continue;
    }
    switch (reader.field) {
      case 1:
        reader.integers("dims", dims);
        break;
      case 2:
        dataType = decodeDataType(reader, "data_type");
        break;
      case 3:
        throw reader.unexpected("a whole tensor", "segment", "a segment of one");
      case 6:
        strings.push(reader.string("string_data", strings.length));
        break;
      case 8:
        header.name = reader.string("name");
        break;
      case 9:
        raw = reader.bytes("raw_data");
        break;
      case 12:
        setText(header, "docString", reader.string("doc_string"));
        break;
      case 13: {
        const { size } = external;
        decodeEntry(reader.message("external_data", size), external);
        // Which of two a reader takes is up to it.
        if (external.size === size) throw reader.unexpected("each key once", "external_data", "one twice");
        break;
      }
      case 14:
        location = reader.integer("data_location");
        // Others than ours may cut a number to 32 bits, and find a place where we see none.
        if (location > 1 || location < 0) throw reader.unexpected("0 or 1", "data_location", location);
        break;
      case 16:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      default:
        reader.skip();
    }
  }
  setMetadata(header, metadata);
  const elements = elementCount(dims);
  const bytes = elements === undefined ? undefined : byteLengthOfElements(dataType, elements);
  if (elements === undefined || bytes === undefined) {
    throw reader.unexpected("integers of at least 0 and fewer than 2^53 bytes", "dims", described(dims));
  }
  if (dataType === "string") {
    if (strings.length !== elements) throw reader.unexpected(`${elements} strings`, "string_data", strings.length);
    return { ...header, dataType, strings };
  }
  if (location === 1) return { ...header, dataType, external: decodeExternal(reader, external, bytes) };
  const data = raw !== undefined && raw.length > 0 ? raw : typedDataBytes(reader, typed, dataType, bytes);
  if (data.length !== bytes) {
    throw reader.unexpected(`${bytes} bytes (${dataType} ${described(dims)})`, "raw_data", data.length);
  }
  return { ...header, dataType, data };
}

/** Reads a SparseTensorProto. */
export function decodeSparseTensor(reader: WireReader): OnnxSparseTensor {
  const dims: number[] = [];
  let values: OnnxTensor | undefined;
  let indices: OnnxTensor | undefined;
  while (reader.next()) {
    if (reader.field === 1) values = decodeTensor(reader.message("values"));
    else if (reader.field === 2) indices = decodeTensor(reader.message("indices"));
    else if (reader.field === 3) reader.integers("dims", dims);
    else reader.skip();
  }
  if (values === undefined) throw reader.unexpected("a tensor", "values", "none");
  if (indices === undefined) throw reader.unexpected("a tensor", "indices", "none");
  return { values, indices, dims };
}

function decodeExternal(reader: WireReader, entries: Map<string, string>, bytes: number): OnnxExternalData {
  const location = entries.get("location") ?? "";
  if (!isContainedLocation(location)) {
    throw reader.unexpected(
      "a relative path below the model's directory",
      "external_data.location",
      described(location),
    );
  }
  const external: Mutable<OnnxExternalData> = { location };
  for (const key of ["offset", "length"] as const) {
    const text = entries.get(key);
    if (text === undefined) continue;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) {
      throw reader.unexpected("a decimal integer below 2^53", `external_data.${key}`, described(text));
    }
    external[key] = value;
  }
  if (external.length !== undefined && external.length !== bytes) {
    throw reader.unexpected(`${bytes} bytes (by dims and data_type)`, "external_data.length", external.length);
  }
  return external;
}
