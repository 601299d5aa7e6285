/** Writes TensorProto and SparseTensorProto: values always as raw bytes, as strings, or as an external location. */
import { byteLengthOfElements, dataTypeCode, elementCount, isDataType, type OnnxDataType } from "./dataTypes.ts";
import { described } from "./described.ts";
import { isContainedLocation } from "./externalData.ts";
import type { OnnxExternalData, OnnxSparseTensor, OnnxTensor } from "./tensor.ts";
import type { WireWriter } from "./wireWriter.ts";

/** Writes `entries` as repeated StringStringEntryProto. */
export function encodeEntries(
  writer: WireWriter,
  field: number,
  label: string,
  entries: Readonly<Record<string, string>> | undefined,
): void {
  for (const [key, value] of Object.entries(entries ?? {})) {
    writer.message(field, `${label}[${described(key)}]`, () => {
      writer.string(1, "key", key);
      writer.string(2, "", value);
    });
  }
}

/** Writes an element type by its code. */
export function encodeDataType(writer: WireWriter, field: number, label: string, dataType: OnnxDataType): void {
  if (!isDataType(dataType)) throw writer.unexpected("an ONNX data type", label, dataType);
  writer.int(field, label, dataTypeCode(dataType));
}

/** Writes the fields of a TensorProto. */
export function encodeTensor(writer: WireWriter, tensor: OnnxTensor): void {
  const { dims, dataType } = tensor;
  writer.packedInts(1, "dims", dims);
  encodeDataType(writer, 2, "dataType", dataType);
  const elements = elementCount(dims);
  const bytes = elements === undefined ? undefined : byteLengthOfElements(dataType, elements);
  if (elements === undefined || bytes === undefined) {
    throw writer.unexpected("integers of at least 0 and fewer than 2^53 bytes", "dims", dims);
  }
  if ((dataType === "string") !== (tensor.strings !== undefined)) {
    const given = tensor.data ?? tensor.external;
    if (dataType === "string") throw writer.unexpected("strings", given === tensor.data ? "data" : "external", given);
    throw writer.unexpected('the data type "string"', "dataType", dataType);
  }
  if (tensor.strings !== undefined) encodeStrings(writer, tensor.strings, elements);
  writer.optionalString(8, "name", tensor.name);
  if (tensor.data !== undefined) {
    if (tensor.data.length !== bytes) {
      throw writer.unexpected(`${bytes} bytes (${dataType} ${described(dims)})`, "data", tensor.data.length);
    }
    // A tensor without elements has no data field at all: ONNX's checker insists.
    if (bytes > 0) writer.bytes(9, "data", tensor.data);
  }
  writer.optionalString(12, "docString", tensor.docString);
  if (tensor.external !== undefined) encodeExternal(writer, tensor.external, bytes);
  encodeEntries(writer, 16, "metadata", tensor.metadata);
  if (tensor.data === undefined && tensor.strings === undefined && tensor.external === undefined) {
    throw writer.unexpected("one of data, strings and external", "", undefined);
  }
}

/** Writes the fields of a SparseTensorProto. */
export function encodeSparseTensor(writer: WireWriter, tensor: OnnxSparseTensor): void {
  writer.message(1, "values", () => encodeTensor(writer, tensor.values));
  writer.message(2, "indices", () => encodeTensor(writer, tensor.indices));
  writer.packedInts(3, "dims", tensor.dims);
}

function encodeStrings(writer: WireWriter, strings: readonly string[], expected: number): void {
  if (strings.length !== expected) throw writer.unexpected(`${expected} strings`, "strings", strings.length);
  strings.forEach((text, index) => writer.string(6, `strings[${index}]`, text));
}

function encodeExternal(writer: WireWriter, { location, offset, length }: OnnxExternalData, bytes: number): void {
  if (typeof location !== "string" || !isContainedLocation(location)) {
    throw writer.unexpected("a relative path below the model's directory", "external.location", location);
  }
  const entries: Record<string, string> = { location };
  for (const [key, value] of Object.entries({ offset, length })) {
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw writer.unexpected("an integer of at least 0", `external.${key}`, value);
    }
    entries[key] = String(value);
  }
  if (length !== undefined && length !== bytes) {
    throw writer.unexpected(`${bytes} bytes (by dims and dataType)`, "external.length", length);
  }
  encodeEntries(writer, 13, "external", entries);
  writer.int(14, "external", 1);
}
