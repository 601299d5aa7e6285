/**
 * All passes, for engines to apply to what they compile.
 */

import type { Graph } from "../graph.ts";
import { foldConstants } from "./foldConstants.ts";
import { mergeEqualNodes } from "./mergeEqualNodes.ts";
import { simplify } from "./simplify.ts";

/**
 * A graph with the same outputs that computes less: simplified, constants folded, equal nodes merged, again until nothing changes.
 *
 * Not a bit of any result changes, on any engine. Inputs stay, also those that nothing needs any more.
 *
 * @example
 * ```ts
 * const graph = trace({ x: { shape: [2] } }, ({ x }) => ({ y: add(exp(mul(x, 1)), exp(x)) }));
 * optimizeGraph(graph).nodes.map(({ op }) => op.name); // ["exp", "add"]
 * ```
 */
export function optimizeGraph(graph: Graph): Graph {
  for (let before = graph; ;) {
    const after = mergeEqualNodes(foldConstants(simplify(before)));
    if (after.nodes.length === before.nodes.length) return after;
    before = after;
  }
}
