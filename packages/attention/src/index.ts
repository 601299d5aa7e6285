/**
 * Attention as communication on directed graphs: layers, masks, positions and the KV cache, over nn-core.
 */

// Layers
export type { AttentionContext, AttentionResult } from "./attend.ts";
export {
  GroupedQueryAttention,
  type GroupedQueryAttentionOptions,
  type GroupedQueryContext,
  type HeadNorm,
} from "./groupedQueryAttention.ts";
export { type KeyValueCache, appendToCache, trimCache } from "./keyValueCache.ts";
export { MultiHeadAttention, type MultiHeadAttentionOptions } from "./multiHeadAttention.ts";

// Who may hear whom
export type { GrowingOptions } from "./adjacencyMask.ts";
export { blockSparseMask } from "./blockSparseMask.ts";
export { documentMask } from "./documentMask.ts";
export { causalEdges, type Edge, graphMask } from "./graphMask.ts";
export { describeMask, maskEdges } from "./maskEdges.ts";
export { prefixMask } from "./prefixMask.ts";
export { type SlidingWindowOptions, slidingWindowMask } from "./slidingWindowMask.ts";
export type { ListenerOptions } from "./tokenPositions.ts";

// Positions
export { alibiBias, alibiSlopes } from "./alibi.ts";
export { type Rotation, applyRotary, rotationAt } from "./applyRotary.ts";
export { type Llama3Options, llama3Frequencies } from "./llama3Frequencies.ts";
export { type RotaryOptions, interpolatedFrequencies, ntkFrequencies, rotaryFrequencies } from "./rotaryFrequencies.ts";
export { type YarnOptions, yarnAttentionFactor, yarnFrequencies } from "./yarnFrequencies.ts";
