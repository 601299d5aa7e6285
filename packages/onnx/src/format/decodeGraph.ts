/** Reads GraphProto and NodeProto. */
import { decodeAttribute } from "./decodeAttribute.ts";
import { decodeEntry, decodeSparseTensor, decodeTensor, setMetadata } from "./decodeTensor.ts";
import { decodeValueInfo } from "./decodeValueInfo.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxQuantizationAnnotation } from "./model.ts";
import { type Mutable, setText } from "./mutable.ts";
import type { OnnxSparseTensor, OnnxTensor } from "./tensor.ts";
import type { OnnxValueInfo } from "./valueInfo.ts";
import type { WireReader } from "./wireReader.ts";

/** Reads a GraphProto. */
export function decodeGraph(reader: WireReader): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  const initializers: OnnxTensor[] = [];
  const valueInfos: OnnxValueInfo[] = [];
  const sparseInitializers: OnnxSparseTensor[] = [];
  const quantizationAnnotations: OnnxQuantizationAnnotation[] = [];
  const metadata = new Map<string, string>();
  const graph: Mutable<OnnxGraph> = { name: "", nodes, inputs, outputs, initializers };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        nodes.push(decodeNode(reader.message("node", nodes.length)));
        break;
      case 2:
        graph.name = reader.string("name");
        break;
      case 5:
        initializers.push(decodeTensor(reader.message("initializer", initializers.length)));
        break;
      case 10:
        setText(graph, "docString", reader.string("doc_string"));
        break;
      case 11:
        inputs.push(decodeValueInfo(reader.message("input", inputs.length)));
        break;
      case 12:
        outputs.push(decodeValueInfo(reader.message("output", outputs.length)));
        break;
      case 13:
        valueInfos.push(decodeValueInfo(reader.message("value_info", valueInfos.length)));
        break;
      case 14: {
        const index = quantizationAnnotations.length;
        quantizationAnnotations.push(decodeAnnotation(reader.message("quantization_annotation", index)));
        break;
      }
      case 15: {
        const index = sparseInitializers.length;
        sparseInitializers.push(decodeSparseTensor(reader.message("sparse_initializer", index)));
        break;
      }
      case 16:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      default:
        reader.skip();
    }
  }
  if (valueInfos.length > 0) graph.valueInfos = valueInfos;
  if (sparseInitializers.length > 0) graph.sparseInitializers = sparseInitializers;
  if (quantizationAnnotations.length > 0) graph.quantizationAnnotations = quantizationAnnotations;
  setMetadata(graph, metadata);
  return graph;
}

/** Reads a NodeProto. */
export function decodeNode(reader: WireReader): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  const metadata = new Map<string, string>();
  const node: Mutable<OnnxNode> = { opType: "", inputs, outputs, attributes: {} };
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        inputs.push(reader.string("input", inputs.length));
        break;
      case 2:
        outputs.push(reader.string("output", outputs.length));
        break;
      case 3:
        setText(node, "name", reader.string("name"));
        break;
      case 4:
        node.opType = reader.string("op_type");
        break;
      case 5:
        decodeAttribute(reader.message("attribute", attributes.size), attributes);
        break;
      case 6:
        setText(node, "docString", reader.string("doc_string"));
        break;
      case 7:
        setText(node, "domain", reader.string("domain"));
        break;
      case 8:
        setText(node, "overload", reader.string("overload"));
        break;
      case 9:
        decodeEntry(reader.message("metadata_props", metadata.size), metadata);
        break;
      default:
        reader.skip();
    }
  }
  node.attributes = Object.fromEntries(attributes);
  setMetadata(node, metadata);
  return node;
}

function decodeAnnotation(reader: WireReader): OnnxQuantizationAnnotation {
  const parameters = new Map<string, string>();
  let tensorName = "";
  while (reader.next()) {
    if (reader.field === 1) tensorName = reader.string("tensor_name");
    else if (reader.field === 2) {
      decodeEntry(reader.message("quant_parameter_tensor_names", parameters.size), parameters);
    } else reader.skip();
  }
  return { tensorName, parameters: Object.fromEntries(parameters) };
}
