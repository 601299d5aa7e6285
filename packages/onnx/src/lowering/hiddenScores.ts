/**
 * Scores of keys that a query may not attend: a large negative bias instead of -infinity, which leaves a row with nothing allowed finite.
 */

import type { GraphBuilder } from "./graphBuilder.ts";

/** Far below any score, so that its exponential is exactly 0 beside one, yet a sum with one does not overflow. */
const disallowed = -1e30;

/** What is to be added to scores where `allowed`, a bool, says which of them count. */
export function hiddenScores(graph: GraphBuilder, allowed: string): string {
  return graph.node("Where", [allowed, graph.scalar(0), graph.scalar(disallowed)]);
}
