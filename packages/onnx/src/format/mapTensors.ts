/**
 * Visits every tensor of a model, wherever a file may hold one: initializers, sparse ones, attributes of nodes, subgraphs, functions.
 */
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode } from "./model.ts";
import type { OnnxSparseTensor, OnnxTensor } from "./tensor.ts";

/** What becomes of a tensor. */
export type TensorMap = (tensor: OnnxTensor) => OnnxTensor;

/** The model with each of its tensors replaced by what `map` gives for it, in the order of the file; the given one stays as it is. */
export function mapTensors(model: OnnxModel, map: TensorMap): OnnxModel {
  return {
    ...model,
    graph: mapGraph(model.graph, map),
    ...(model.functions && { functions: model.functions.map((definition) => mapFunction(definition, map)) }),
  };
}

function mapGraph(graph: OnnxGraph, map: TensorMap): OnnxGraph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => mapNode(node, map)),
    initializers: graph.initializers.map(map),
    ...(graph.sparseInitializers && {
      sparseInitializers: graph.sparseInitializers.map((tensor) => mapSparse(tensor, map)),
    }),
  };
}

function mapNode(node: OnnxNode, map: TensorMap): OnnxNode {
  return { ...node, attributes: mapAttributes(node.attributes, map) };
}

function mapFunction(definition: OnnxFunction, map: TensorMap): OnnxFunction {
  return {
    ...definition,
    nodes: definition.nodes.map((node) => mapNode(node, map)),
    ...(definition.attributeDefaults && { attributeDefaults: mapAttributes(definition.attributeDefaults, map) }),
  };
}

function mapAttributes(
  attributes: Readonly<Record<string, OnnxAttribute>>,
  map: TensorMap,
): Readonly<Record<string, OnnxAttribute>> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, mapAttribute(value, map)]));
}

function mapAttribute(attribute: OnnxAttribute, map: TensorMap): OnnxAttribute {
  switch (attribute.type) {
    case "tensor":
      return { ...attribute, value: map(attribute.value) };
    case "tensors":
      return { ...attribute, value: attribute.value.map(map) };
    case "sparseTensor":
      return { ...attribute, value: mapSparse(attribute.value, map) };
    case "sparseTensors":
      return { ...attribute, value: attribute.value.map((tensor) => mapSparse(tensor, map)) };
    case "graph":
      return { ...attribute, value: mapGraph(attribute.value, map) };
    case "graphs":
      return { ...attribute, value: attribute.value.map((graph) => mapGraph(graph, map)) };
    default:
      return attribute;
  }
}

function mapSparse(tensor: OnnxSparseTensor, map: TensorMap): OnnxSparseTensor {
  return { ...tensor, values: map(tensor.values), indices: map(tensor.indices) };
}
