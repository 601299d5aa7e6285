/**
 * Sizes of the dimensions of a graph in one run: what engines that work with actual shapes resolve names by.
 */

import type { Graph } from "./graph.ts";
import type { Dim } from "./shape.ts";
import type { Node } from "./tensor.ts";

/**
 * A function that gives the size of a dimension of `graph` in a run.
 *
 * @param sizes - Size of every named dimension of the inputs, as `bindFeeds` finds them. The names that concat gives to joined axes, and
 *   products of names, follow from these.
 * @returns throws a RangeError for a name that no input has.
 */
export function dimensionSizes(graph: Graph, sizes: ReadonlyMap<string, number>): (dim: Dim) => number {
  return resolver(bindConcatenations(graph, sizes));
}

/** `sizes` and those of the names that concat gives to joined axes. */
function bindConcatenations(graph: Graph, sizes: ReadonlyMap<string, number>): Map<string, number> {
  const bound = new Map(sizes);
  for (const { op, attributes, inputs } of graph.nodes as readonly Node<"concat">[]) {
    if (op.name !== "concat" || typeof attributes.dim !== "string" || bound.has(attributes.dim)) continue;
    const joined = inputs.map(({ shape }) => resolver(bound)(shape[attributes.axis]));
    bound.set(
      attributes.dim,
      joined.reduce((sum, size) => sum + size, 0),
    );
  }
  return bound;
}

function resolver(sizes: ReadonlyMap<string, number>): (dim: Dim) => number {
  const sizeOf = (factor: string): number => {
    if (/^\d+$/.test(factor)) return Number(factor);
    const size = sizes.get(factor);
    if (size === undefined) {
      throw new RangeError(`run: expected a size for the dimension "${factor}", which no input has`);
    }
    return size;
  };
  return (dim: Dim) => {
    if (typeof dim === "number") return dim;
    return sizes.get(dim) ?? dim.split("*").reduce((size, factor) => size * sizeOf(factor), 1);
  };
}
