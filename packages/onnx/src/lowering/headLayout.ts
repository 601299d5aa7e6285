/**
 * The two ways in which heads lie: apart, [B, H, T, D], as nn-core has them, and side by side, [B, T, H * D], as linear layers make and
 * take them. Going one way and back again is going nowhere: the graph builder takes out both.
 */

import { product, type Shape } from "@llm-learning/nn-core";
import type { GraphBuilder } from "./graphBuilder.ts";
import { reshape } from "./shapeOps.ts";

/** `[B, H, T, D]` as `[B, T, H * D]`. */
export function headsSideBySide(graph: GraphBuilder, x: string, [B, H, T, D]: Shape): string {
  return reshape(graph, graph.transpose(x, [0, 2, 1, 3]), [B, T, H, D], [B, T, product([H, D])]);
}

/** `[B, T, H * D]` as the given `[B, H, T, D]`. */
export function headsApart(graph: GraphBuilder, x: string, [B, H, T, D]: Shape): string {
  return graph.transpose(reshape(graph, x, [B, T, product([H, D])], [B, T, H, D]), [0, 2, 1, 3]);
}
