/**
 * Writes an ONNX model file: protobuf, ModelProto at the top.
 *
 * It writes what it is given, and checks only what would make the file unreadable (types, sizes, paths). Whether the
 * graph makes sense is for a runtime to say.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 for the field numbers
 */
import { encodeAll, encodeAttributes, encodeGraph, encodeNode, encodeStrings } from "./encodeGraph.ts";
import { encodeEntries } from "./encodeTensor.ts";
import { encodeValueInfo } from "./encodeValueInfo.ts";
import type { OnnxFunction, OnnxModel, OnnxOpsetImport } from "./model.ts";
import { encodeMessage, type WireWriter } from "./wireWriter.ts";

/**
 * Encodes a model as the bytes of an `.onnx` file.
 *
 * The size is measured first, so that the one buffer is allocated exactly and weights are copied once. The same model
 * always gives the same bytes.
 *
 * @param model - the model; tensors' `data` is only read.
 * @returns the file.
 * @throws RangeError when a value does not fit its field, or the file would exceed 2 GiB (then use external data).
 * @throws TypeError when a value has the wrong type.
 * @example
 * const bytes = encodeModel({
 *   irVersion: 10,
 *   opsetImports: [{ domain: "", version: 21 }],
 *   producerName: "example",
 *   metadata: {},
 *   graph: {
 *     name: "negate",
 *     nodes: [{ opType: "Neg", inputs: ["x"], outputs: ["y"], attributes: {} }],
 *     inputs: [{ name: "x", dataType: "float32", shape: ["batch_size", 4] }],
 *     outputs: [{ name: "y", dataType: "float32", shape: ["batch_size", 4] }],
 *     initializers: [],
 *   },
 * });
 */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return encodeMessage("encodeModel", (writer) => {
    writer.int(1, "irVersion", model.irVersion);
    writer.string(2, "producerName", model.producerName);
    writer.optionalString(3, "producerVersion", model.producerVersion);
    writer.optionalString(4, "domain", model.domain);
    if (model.modelVersion !== undefined) writer.int(5, "modelVersion", model.modelVersion);
    writer.optionalString(6, "docString", model.docString);
    writer.message(7, "graph", () => encodeGraph(writer, model.graph));
    encodeAll(writer, 8, "opsetImports", model.opsetImports, encodeOpsetImport);
    encodeEntries(writer, 14, "metadata", model.metadata);
    encodeAll(writer, 25, "functions", model.functions, encodeFunction);
  });
}

function encodeOpsetImport(writer: WireWriter, { domain, version }: OnnxOpsetImport): void {
  writer.string(1, "domain", domain);
  writer.int(2, "version", version);
}

function encodeFunction(writer: WireWriter, definition: OnnxFunction): void {
  writer.string(1, "name", definition.name);
  encodeStrings(writer, 4, "inputs", definition.inputs);
  encodeStrings(writer, 5, "outputs", definition.outputs);
  encodeStrings(writer, 6, "attributes", definition.attributes);
  encodeAll(writer, 7, "nodes", definition.nodes, encodeNode);
  writer.optionalString(8, "docString", definition.docString);
  encodeAll(writer, 9, "opsetImports", definition.opsetImports, encodeOpsetImport);
  writer.string(10, "domain", definition.domain);
  encodeAttributes(writer, 11, "attributeDefaults", definition.attributeDefaults);
  encodeAll(writer, 12, "valueInfos", definition.valueInfos, encodeValueInfo);
  writer.optionalString(13, "overload", definition.overload);
  encodeEntries(writer, 14, "metadata", definition.metadata);
}
