export { type KeyValueCache, appendToCache } from "./keyValueCache.ts";
export { type AttentionContext, MultiHeadAttention, type MultiHeadAttentionOptions } from "./multiHeadAttention.ts";
