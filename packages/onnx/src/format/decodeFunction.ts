/** Reads FunctionProto and OperatorSetIdProto. */
import { decodeAttribute } from "./decodeAttribute.ts";
import { decodeNode } from "./decodeGraph.ts";
import { decodeEntry, setMetadata } from "./decodeTensor.ts";
import { decodeValueInfo } from "./decodeValueInfo.ts";
import type { OnnxAttribute, OnnxFunction, OnnxNode, OnnxOpsetImport } from "./model.ts";
import { type Mutable, setText } from "./mutable.ts";
import type { OnnxValueInfo } from "./valueInfo.ts";
import type { WireReader } from "./wireReader.ts";

/** Reads an OperatorSetIdProto. */
export function decodeOpsetImport(reader: WireReader): OnnxOpsetImport {
  let domain = "";
  let version = 0;
  while (reader.next()) {
    if (reader.field === 1) domain = reader.string("domain");
    else if (reader.field === 2) version = reader.integer("version");
    else reader.skip();
  }
  return { domain, version };
}

/** Reads a FunctionProto. */
export function decodeFunction(reader: WireReader): OnnxFunction {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: string[] = [];
  const nodes: OnnxNode[] = [];
  const opsetImports: OnnxOpsetImport[] = [];
  const valueInfos: OnnxValueInfo[] = [];
  const defaults = new Map<string, OnnxAttribute>();
  const metadata = new Map<string, string>();
  const header = { name: "", domain: "" };
  const definition: Mutable<OnnxFunction> = { ...header, inputs, outputs, attributes, nodes, opsetImports };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        definition.name = reader.string("name");
        break;
      case 4:
        inputs.push(reader.string("input", inputs.length));
        break;
      case 5:
        outputs.push(reader.string("output", outputs.length));
        break;
      case 6:
        attributes.push(reader.string("attribute", attributes.length));
        break;
      case 7:
        nodes.push(decodeNode(reader.message("node", nodes.length)));
        break;
      case 8:
        setText(definition, "docString", reader.string("doc_string"));
        break;
      case 9:
        opsetImports.push(decodeOpsetImport(reader.message("opset_import", opsetImports.length)));
        break;
      case 10:
        definition.domain = reader.string("domain");
        break;
      case 11:
        decodeAttribute(reader.message("attribute_proto", defaults.size), defaults);
        break;
      case 12:
        valueInfos.push(decodeValueInfo(reader.message("value_info", valueInfos.length)));
        break;
      case 13:
        setText(definition, "overload", reader.string("overload"));
        break;
      case 14:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      default:
        reader.skip();
    }
  }
  if (defaults.size > 0) definition.attributeDefaults = Object.fromEntries(defaults);
  if (valueInfos.length > 0) definition.valueInfos = valueInfos;
  setMetadata(definition, metadata);
  return definition;
}
