/**
 * Multi-head attention with a KV cache, over nn-core.
 */

export { causalEdges, type Edge, graphMask } from "./graphMask.ts";
export { type KeyValueCache, appendToCache } from "./keyValueCache.ts";
export { type AttentionContext, MultiHeadAttention, type MultiHeadAttentionOptions } from "./multiHeadAttention.ts";
