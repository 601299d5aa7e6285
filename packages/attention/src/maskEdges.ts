/**
 * Masks as what they are, graphs: their edges as a list, and as a picture in letters.
 */

import { evaluateFloat64, formatShape, graphOf, isStatic, type Tensor } from "@llm-learning/nn-core";
import type { Edge } from "./graphMask.ts";

/**
 * The edges of a mask, those to the first listener first.
 *
 * @param mask - bool `[listeners, tokens]`, or with axes of size 1 in front; it may not depend on inputs. Listeners are the last tokens.
 * @throws RangeError if the mask is of another type or shape.
 *
 * @example
 * ```ts
 * maskEdges(slidingWindowMask(3, 2)); // [[0, 0], [0, 1], [1, 1], [1, 2], [2, 2]]
 * ```
 */
export function maskEdges(mask: Tensor): Edge[] {
  const rows = rowsOf("maskEdges", mask);
  return rows.flatMap((row, listener) => {
    const to = row.length - rows.length + listener;
    return row.flatMap((hears, from): Edge[] => (hears ? [[from, to]] : []));
  });
}

/**
 * A mask in letters, a line for each listener: "x" for a token that it hears, "." for one that it does not.
 *
 * @param mask - As for {@link maskEdges}.
 * @throws RangeError as {@link maskEdges}.
 *
 * @example
 * ```ts
 * console.log(describeMask(slidingWindowMask(3, 2)));
 * // x..
 * // xx.
 * // .xx
 * ```
 */
export function describeMask(mask: Tensor): string {
  return rowsOf("describeMask", mask)
    .map((row) => row.map((hears) => (hears ? "x" : ".")).join(""))
    .join("\n");
}

function rowsOf(name: string, mask: Tensor): boolean[][] {
  const { shape, dtype } = mask;
  const [listeners, tokens] = shape.slice(-2);
  const isMatrix = shape.length >= 2 && isStatic(shape) && shape.slice(0, -2).every((size) => size === 1);
  const graph = graphOf({ mask });
  if (dtype !== "bool" || !isMatrix || graph.inputs.size > 0) {
    const needs = graph.inputs.size > 0 ? ` that depends on ${[...graph.inputs.keys()].join(", ")}` : "";
    throw new RangeError(
      `${name}: expected a bool mask [listeners, tokens] of numbers, without inputs, got ${dtype} ${formatShape(shape)}${needs}`,
    );
  }
  const { data } = evaluateFloat64(graph, {}).mask;
  const width = Number(tokens);
  return Array.from({ length: Number(listeners) }, (_, row) =>
    Array.from(data.subarray(row * width, (row + 1) * width), (hears) => hears === 1),
  );
}
