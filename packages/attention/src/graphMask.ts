/**
 * Attention as communication on a directed graph: who may hear whom.
 *
 * A node of the graph is a token, an edge a way for its value to travel. Every mask of attention is such a graph, and causal
 * language modelling is the one in which each token reaches itself and all that come after it.
 */

import { constant, type Tensor } from "@llm-learning/nn-core";

/** A way for messages, from the token at one position to the token at another. */
export type Edge = readonly [from: number, to: number];

/**
 * The mask under which each node hears exactly the nodes with an edge to it.
 *
 * @param size - Number of nodes, T: an integer >= 1.
 * @param edges - In any order; an edge given twice counts once. Nobody hears itself without an edge to itself.
 * @returns bool `[T, T]`, true at `[to, from]`: rows listen (queries), columns speak (keys).
 * @throws RangeError if `size` is not an integer >= 1, or an edge leads from or to a node that is not there.
 *
 * @example
 * ```ts
 * const mask = graphMask(3, [[0, 1], [2, 1]]); // node 1 hears 0 and 2, the others hear nobody
 * attention.forward(x, { mask });
 * ```
 */
export function graphMask(size: number, edges: Iterable<Edge>): Tensor {
  expectSize("graphMask", "size", size);
  return constant(adjacency("graphMask", "nodes", size, edges), [size, size]);
}

/** The edges of causal language modelling: node i reaches itself and i + 1, i + 2, ... */
export function causalEdges(size: number): Edge[] {
  expectSize("causalEdges", "size", size);
  const nodes = Array.from({ length: size }, (_, node) => node);
  return nodes.flatMap((from) => nodes.slice(from).map((to): Edge => [from, to]));
}

/** `[size, size]`, 1 at `[to, from]` for each edge between `size` of what `nodes` names. */
export function adjacency(name: string, nodes: string, size: number, edges: Iterable<Edge>): Uint8Array {
  const matrix = new Uint8Array(size * size); // [to, from]
  for (const [from, to] of edges) {
    for (const node of [from, to]) {
      if (Number.isInteger(node) && node >= 0 && node < size) continue;
      throw new RangeError(`${name}: expected edges between ${nodes} 0 to ${size - 1}, got [${from}, ${to}]`);
    }
    matrix[to * size + from] = 1;
  }
  return matrix;
}

/** @throws RangeError if `size`, called `what`, is not an integer >= 1. */
export function expectSize(name: string, what: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1) return;
  throw new RangeError(`${name}: expected ${what} to be an integer >= 1, got ${size}`);
}
