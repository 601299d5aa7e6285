/**
 * Token arrays, splits, examples and batches of them. Runs anywhere; files, the bundled book and the bundled names are in
 * `@llm-learning/datasets/node`.
 */

export { encodeText, tokenArray, type TokenArray } from "./tokenArray.ts";
export type { TokenSequence } from "./tokenSequence.ts";
export { splitTokens, type SplitTokensOptions, type TokenSplit } from "./splitTokens.ts";
export { type Batch, BatchSampler, type BatchSamplerOptions, type RandomIntegers } from "./batchSampler.ts";
export { sequentialBatches, type SequentialBatchesOptions } from "./sequentialBatches.ts";

// Documents: a text whose every line stands for itself
export {
  boundaryToken,
  documentsOf,
  type DocumentSplit,
  encodeDocuments,
  splitDocuments,
  type SplitDocumentsOptions,
} from "./documents.ts";
export { pythonShuffle } from "./pythonShuffle.ts";

// Examples by number, of texts and of documents, and batches of them
export { type ExampleSet, IGNORED_TARGET } from "./exampleSet.ts";
export { JoinedExamples } from "./joinedExamples.ts";
export { TextContexts, TextWindows } from "./textExamples.ts";
export { DocumentContexts, type DocumentExamplesOptions, DocumentRows } from "./documentExamples.ts";
export {
  type ExampleGroup,
  type ExampleOrder,
  RandomOrder,
  type RandomNumbers,
  ShuffledOrder,
} from "./exampleOrder.ts";
export { keyedPermutation, PERMUTATION_KEYS } from "./keyedPermutation.ts";
export { ExampleSampler, type ExampleSamplerOptions } from "./exampleSampler.ts";
export {
  evenlySpacedExamples,
  type EvenlySpacedExamplesOptions,
  everyExample,
  type EveryExampleOptions,
} from "./exampleBatches.ts";
