/**
 * Which layer of a model each node of its training graph belongs to.
 *
 * A graph knows no layers. What it knows: the parameters, whose paths name the layer that uses them first, and the taps, which name
 * values. A node that has neither lies between two that have: it belongs to what their names have in common, attention between its two
 * projections to `blocks.0.attention`. A node of a gradient belongs to the layer of the node whose gradient it is part of.
 */

import { type Graph, graphOf, type Node, type Parameter, type Tensor } from "@llm-learning/nn-core";

/** Where a node belongs. */
export interface Place {
  /** Dotted path of a layer or a tap, `loss` behind the last of them, or the output that a node is computed for alone. */
  readonly layer: string;
  readonly direction: "forward" | "backward";
}

/**
 * The place of each node of `graph`, which has an output `loss`; undefined for nodes of other graphs.
 *
 * @param names - Paths of the parameters.
 */
export function layersOf(
  graph: Graph,
  names: ReadonlyMap<string, Parameter>,
): (node: Node | undefined) => Place | undefined {
  const loss = graph.outputs.get("loss");
  if (loss === undefined) throw new RangeError("layersOf: expected a graph with an output named loss, got none");
  const layers = forwardLayers(loss, new Map([...names].map(([name, parameter]) => [parameter, name])));
  const find = (node: Node | undefined): Place | undefined => {
    let direction: Place["direction"] = "forward";
    for (let at = node; at !== undefined; at = at.origin?.node) {
      const layer = layers.get(at);
      if (layer !== undefined) return { layer, direction };
      if (at.origin?.kind === "gradient") direction = "backward";
    }
    return undefined;
  };
  // What is left serves an output of its own, such as the norm of all gradients.
  for (const [name, tensor] of graph.outputs) {
    if (find(producer(tensor)) !== undefined) continue;
    for (const node of graphOf({ [name]: tensor }).nodes) if (find(node) === undefined) layers.set(node, name);
  }
  return find;
}

/** The layer of every node that `loss` is computed from. */
function forwardLayers(loss: Tensor, names: ReadonlyMap<Parameter, string>): Map<Node, string> {
  const { nodes } = graphOf({ loss });
  const own = ownLayers(nodes, names);
  const before = nearest(nodes, own, inputNodes(nodes));
  const after = nearest(nodes.toReversed(), own, userNodes(nodes));
  return new Map(
    nodes.map((node) => {
      const [left, right] = [before.get(node), after.get(node)];
      if (own.has(node)) return [node, own.get(node) as string];
      if (right === undefined) return [node, "loss"];
      return [node, left === undefined ? right : commonPath(left, right) || left];
    }),
  );
}

/** Names that nodes have of their own: of the layer whose parameters they are the first to use, or of a tap. */
function ownLayers(nodes: readonly Node[], names: ReadonlyMap<Parameter, string>): Map<Node, string> {
  const own = new Map<Node, string>();
  const seen = new Set<Parameter>();
  for (const node of nodes) {
    for (const { source } of node.inputs) {
      if (source.kind !== "parameter" || seen.has(source.parameter)) continue;
      seen.add(source.parameter);
      const name = names.get(source.parameter);
      if (name !== undefined && !own.has(node))
        own.set(node, name.slice(0, Math.max(0, name.lastIndexOf("."))) || name);
    }
    if (node.op.name !== "tap") continue;
    const { name } = node.attributes as { readonly name: string };
    const tapped = producer(node.inputs[0]);
    if (tapped !== undefined && !own.has(tapped)) own.set(tapped, name);
    own.set(node, name);
  }
  return own;
}

/** Of each node the nearest name among those it is linked to, which come before it in `nodes`. */
function nearest(
  nodes: readonly Node[],
  own: ReadonlyMap<Node, string>,
  links: ReadonlyMap<Node, readonly Node[]>,
): Map<Node, string> {
  const positions = new Map(nodes.map((node, index) => [node, index]));
  const found = new Map<Node, { readonly name: string; readonly position: number }>();
  for (const [index, node] of nodes.entries()) {
    const linked = (links.get(node) ?? []).flatMap((other) => {
      const name = own.get(other);
      const known = name === undefined ? found.get(other) : { name, position: positions.get(other) as number };
      return known === undefined || index < known.position ? [] : [known];
    });
    const last = linked.toSorted((a, b) => b.position - a.position)[0];
    if (last !== undefined) found.set(node, last);
  }
  return new Map([...found].map(([node, { name }]) => [node, name]));
}

function inputNodes(nodes: readonly Node[]): Map<Node, readonly Node[]> {
  return new Map(nodes.map((node) => [node, node.inputs.flatMap((input) => producer(input) ?? [])]));
}

function userNodes(nodes: readonly Node[]): Map<Node, readonly Node[]> {
  const users = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const input of node.inputs) users.get(producer(input) as Node)?.push(node);
  return users;
}

function producer({ source }: Tensor): Node | undefined {
  return source.kind === "node" ? source.node : undefined;
}

/** `blocks.0` of `blocks.0.norm1` and `blocks.0.mlp.expand`. */
function commonPath(a: string, b: string): string {
  const [left, right] = [a.split("."), b.split(".")];
  const length = left.findIndex((part, index) => part !== right[index]);
  return (length === -1 ? left : left.slice(0, length)).join(".");
}
