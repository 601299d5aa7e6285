/**
 * Attention as communication on a directed graph: who may hear whom.
 *
 * A node of the graph is a token, an edge a way for its value to travel. Every mask of attention is such a graph, and causal
 * language modelling is the one in which each token reaches itself and all that come after it.
 */

import type { Tensor } from "@llm-learning/nn-core";
import { adjacency, adjacencyMask, type GrowingOptions } from "./adjacencyMask.ts";

/** A way for messages, from the token at one position to the token at another. */
export type Edge = readonly [from: number, to: number];

/**
 * The mask under which each node hears exactly the nodes with an edge to it.
 *
 * @param size - Number of nodes, T: an integer >= 1.
 * @param edges - In any order; an edge given twice counts once. Nobody hears itself without an edge to itself.
 * @returns bool `[T, T]`, true at `[to, from]`: rows listen (queries), columns speak (keys). With options, `[listeners, tokens]` of it.
 * @throws RangeError if `size` is not an integer >= 1, an edge leads from or to a node that is not there, or there are more tokens than
 * nodes or more listeners than tokens.
 *
 * @example
 * ```ts
 * const mask = graphMask(3, [[0, 1], [2, 1]]); // node 1 hears 0 and 2, the others hear nobody
 * attention.forward(x, { mask });
 * ```
 */
export function graphMask(size: number, edges: Iterable<Edge>, options: GrowingOptions = {}): Tensor {
  expectSize("graphMask", "size", size);
  return adjacencyMask("graphMask", adjacency("graphMask", "nodes", size, edges), size, options);
}

/** The edges of causal language modelling: node i reaches itself and i + 1, i + 2, ... */
export function causalEdges(size: number): Edge[] {
  expectSize("causalEdges", "size", size);
  const nodes = Array.from({ length: size }, (_, node) => node);
  return nodes.flatMap((from) => nodes.slice(from).map((to): Edge => [from, to]));
}

/** @throws RangeError if `size`, called `what`, is not an integer >= 1. */
export function expectSize(name: string, what: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1) return;
  throw new RangeError(`${name}: expected ${what} to be an integer >= 1, got ${size}`);
}
