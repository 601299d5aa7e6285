/** Writes GraphProto, NodeProto and AttributeProto, which contain each other: subgraphs are attributes. */
import { attributeTypeCode } from "./attributeTypes.ts";
import { encodeEntries, encodeSparseTensor, encodeTensor } from "./encodeTensor.ts";
import { encodeType, encodeValueInfo } from "./encodeValueInfo.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode } from "./model.ts";
import type { WireWriter } from "./wireWriter.ts";

/** Writes a repeated message field: one message per item. */
export function encodeAll<T>(
  writer: WireWriter,
  field: number,
  label: string,
  items: readonly T[] | undefined,
  encode: (writer: WireWriter, item: T) => void,
): void {
  items?.forEach((item, index) => writer.message(field, `${label}[${index}]`, () => encode(writer, item)));
}

/** Writes a repeated string field, empty strings included. */
export function encodeStrings(writer: WireWriter, field: number, label: string, strings: readonly string[]): void {
  strings.forEach((text, index) => writer.string(field, `${label}[${index}]`, text));
}

/** Writes the fields of a GraphProto. */
export function encodeGraph(writer: WireWriter, graph: OnnxGraph): void {
  encodeAll(writer, 1, "nodes", graph.nodes, encodeNode);
  writer.string(2, "name", graph.name);
  encodeAll(writer, 5, "initializers", graph.initializers, encodeTensor);
  writer.optionalString(10, "docString", graph.docString);
  encodeAll(writer, 11, "inputs", graph.inputs, encodeValueInfo);
  encodeAll(writer, 12, "outputs", graph.outputs, encodeValueInfo);
  encodeAll(writer, 13, "valueInfos", graph.valueInfos, encodeValueInfo);
  encodeAll(writer, 14, "quantizationAnnotations", graph.quantizationAnnotations, (_, annotation) => {
    writer.string(1, "tensorName", annotation.tensorName);
    encodeEntries(writer, 2, "parameters", annotation.parameters);
  });
  encodeAll(writer, 15, "sparseInitializers", graph.sparseInitializers, encodeSparseTensor);
  encodeEntries(writer, 16, "metadata", graph.metadata);
}

/** Writes the fields of a NodeProto. */
export function encodeNode(writer: WireWriter, node: OnnxNode): void {
  encodeStrings(writer, 1, "inputs", node.inputs);
  encodeStrings(writer, 2, "outputs", node.outputs);
  writer.optionalString(3, "name", node.name);
  writer.string(4, "opType", node.opType);
  encodeAttributes(writer, 5, "attributes", node.attributes);
  writer.optionalString(6, "docString", node.docString);
  writer.optionalString(7, "domain", node.domain);
  writer.optionalString(8, "overload", node.overload);
  encodeEntries(writer, 9, "metadata", node.metadata);
}

/** Writes attributes by name as repeated AttributeProto. */
export function encodeAttributes(
  writer: WireWriter,
  field: number,
  label: string,
  attributes: Readonly<Record<string, OnnxAttribute>> | undefined,
): void {
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    writer.message(field, `${label}.${name}`, () => {
      writer.string(1, "name", name);
      encodeAttribute(writer, attribute);
    });
  }
}

function encodeAttribute(writer: WireWriter, attribute: OnnxAttribute): void {
  const type = attribute.type === "reference" ? attribute.of : attribute.type === "bytes" ? "string" : attribute.type;
  const code = attributeTypeCode(type);
  if (code === undefined) throw writer.unexpected("an attribute type", "type", type);
  if (attribute.type === "reference") writer.string(21, "name", attribute.name);
  else encodeAttributeValue(writer, attribute);
  writer.int(20, "type", code);
}

/** Each type of attribute has a field of its own, written even where the value is 0: readers look for its presence. */
function encodeAttributeValue(writer: WireWriter, attribute: Exclude<OnnxAttribute, { type: "reference" }>): void {
  const label = "value";
  switch (attribute.type) {
    case "float":
      return writer.float(2, label, attribute.value);
    case "int":
      return writer.int(3, label, attribute.value);
    case "string":
      return writer.string(4, label, attribute.value);
    case "bytes":
      return writer.bytes(4, label, attribute.value);
    case "tensor":
      return writer.message(5, label, () => encodeTensor(writer, attribute.value));
    case "graph":
      return writer.message(6, label, () => encodeGraph(writer, attribute.value));
    case "floats":
      return writer.packedFloats(7, label, attribute.value);
    case "ints":
      return writer.packedInts(8, label, attribute.value);
    case "strings":
      return encodeStrings(writer, 9, label, attribute.value);
    case "tensors":
      return encodeAll(writer, 10, label, attribute.value, encodeTensor);
    case "graphs":
      return encodeAll(writer, 11, label, attribute.value, encodeGraph);
    case "typeProto":
      return writer.message(14, label, () => encodeType(writer, attribute.value));
    case "typeProtos":
      return encodeAll(writer, 15, label, attribute.value, encodeType);
    case "sparseTensor":
      return writer.message(22, label, () => encodeSparseTensor(writer, attribute.value));
    case "sparseTensors":
      return encodeAll(writer, 23, label, attribute.value, encodeSparseTensor);
  }
}
