/**
 * The model that the engine runs for a graph: its parameters are fed at every run, and the runtime's own operators may be used.
 */

import { flattenRows, type Graph, optimizeGraph } from "@llm-learning/nn-core";
import { type LoweredGraph, lowerGraph } from "./lowerGraph.ts";

/**
 * What `onnxruntimeEngine` makes of `graph`: with the names under which the runtime's profiler speaks of its operators.
 *
 * @param options - `threads` as `lowerGraph` has it.
 *
 * @example
 * ```ts
 * const { sources } = engineModel(graph);
 * sources.get("gelu_0/Gelu"); // the node of the graph that this operator computes
 * ```
 */
export function engineModel(graph: Graph, { threads }: { threads?: number | undefined } = {}): LoweredGraph {
  return lowerGraph(optimizeGraph(flattenRows(graph)), { parameters: "inputs", contrib: true, threads });
}
