/**
 * Graphs given by their edges, as masks: the rows of those who listen, the columns of those who are there.
 */

import { cast, constant, type Dim, embedding, reshape, type Tensor, transpose } from "@llm-learning/nn-core";
import type { Edge } from "./graphMask.ts";
import { type ListenerOptions, tokenPositions } from "./tokenPositions.ts";

/** How much of a graph there is so far, and who listens. */
export interface GrowingOptions extends ListenerOptions {
  /**
   * How many tokens there are, the first ones of the graph: a number or the name of a dimension, P + T where a KV cache holds P of them. A
   * text longer than the graph is an error of the run. @defaultValue all of the graph
   */
  tokens?: Dim;
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

/** The mask of an adjacency matrix `[size, size]`: bool `[listeners, tokens]`. */
export function adjacencyMask(name: string, matrix: Uint8Array, size: number, options: GrowingOptions): Tensor {
  const { tokens = size, listeners = tokens } = options;
  if (typeof tokens === "number" && tokens > size) {
    throw new RangeError(`${name}: expected at most ${size} tokens, as many as the graph has, got ${tokens}`);
  }
  const { speaker, listener } = tokenPositions(name, tokens, { listeners });
  if (tokens === size && listeners === size) return constant(matrix, [size, size]);
  const hears = constant(Float32Array.from(matrix), [size, size]); // [to, from]
  const columns = embedding(transpose(hears), speaker); // [tokens, size]
  const rows = embedding(transpose(columns), reshape(listener, [listeners])); // [listeners, tokens]
  return cast(rows, "bool");
}
