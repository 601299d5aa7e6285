/**
 * The names of a graph's values: which are fixed in the file, which are read by anyone, and which are still free.
 */

import type { OnnxAttribute, OnnxGraph, OnnxNode } from "../format/model.ts";
import type { OnnxTensor } from "../format/tensor.ts";

/** The initializers that no input of the graph can replace, by name. */
export function constantsOf({ initializers, inputs }: OnnxGraph): Map<string, OnnxTensor> {
  const replaceable = new Set(inputs.map(({ name }) => name));
  return new Map(initializers.filter(({ name }) => !replaceable.has(name)).map((tensor) => [tensor.name, tensor]));
}

/** The values that a node reads, in its subgraphs too. */
export function readBy({ inputs, attributes }: OnnxNode): string[] {
  return [
    ...inputs,
    ...subgraphs(attributes).flatMap(({ nodes, outputs }) => [...nodes.flatMap(readBy), ...namesOf(outputs)]),
  ];
}

/**
 * The graph without the nodes that nothing needs any more, and without the initializers and remarks on values that go with
 * them.
 */
export function pruned(graph: OnnxGraph): OnnxGraph {
  const needed = new Set(namesOf(graph.outputs));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of readBy(node)) needed.add(name);
  }
  const initializers = graph.initializers.filter(({ name }) => needed.has(name));
  const { valueInfos } = graph;
  const kept = valueInfos?.filter(({ name }) => needed.has(name));
  return { ...graph, nodes: nodes.reverse(), initializers, ...(kept && { valueInfos: kept }) };
}

/** Gives names that no value of a graph has, nor of the graphs inside it. */
export class FreeNames {
  readonly #taken: Set<string>;
  /** The last number that a wanted name got, so that the thousandth of a name is found as fast as the first. */
  readonly #counts = new Map<string, number>();

  constructor(graph: OnnxGraph) {
    this.#taken = new Set(allNames(graph));
  }

  /** `wanted`, or the first of `wanted_2`, `wanted_3`, ... that is free. */
  claim(wanted: string): string {
    let count = this.#counts.get(wanted) ?? 1;
    let free = wanted;
    while (this.#taken.has(free)) free = `${wanted}_${++count}`;
    this.#counts.set(wanted, count);
    this.#taken.add(free);
    return free;
  }
}

function allNames(graph: OnnxGraph): string[] {
  const nodes = graph.nodes.flatMap((node) => [
    ...node.inputs,
    ...node.outputs,
    ...subgraphs(node.attributes).flatMap(allNames),
  ]);
  return [...namesOf(graph.inputs), ...namesOf(graph.outputs), ...namesOf(graph.initializers), ...nodes];
}

function subgraphs(attributes: Readonly<Record<string, OnnxAttribute>>): OnnxGraph[] {
  return Object.values(attributes).flatMap((attribute) => {
    if (attribute.type === "graph") return [attribute.value];
    return attribute.type === "graphs" ? attribute.value : [];
  });
}

function namesOf(values: readonly { readonly name: string }[]): string[] {
  return values.map(({ name }) => name);
}
