/**
 * Token arrays, the train and validation split, and batches of windows. Runs anywhere; files and the bundled book are in
 * `@llm-learning/datasets/node`.
 */

export { encodeText, tokenArray, type TokenArray } from "./tokenArray.ts";
export { splitTokens, type SplitTokensOptions, type TokenSplit } from "./splitTokens.ts";
export { type Batch, BatchSampler, type BatchSamplerOptions, type RandomIntegers } from "./batchSampler.ts";
export { IGNORED_TARGET, sequentialBatches, type SequentialBatchesOptions } from "./sequentialBatches.ts";
