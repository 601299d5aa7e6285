/**
 * Likelihood and its units, numerically safe, and count-based n-gram language models.
 */

export {
  type LikelihoodOptions,
  type LogitsLikelihoodOptions,
  likelihoodOfLogits,
  likelihoodOfLogProbabilities,
  likelihoodOfProbabilities,
} from "./likelihood/likelihood.ts";
export { type Likelihood, LikelihoodAccumulator } from "./likelihood/likelihoodAccumulator.ts";
export { bitsPerByte, bitsPerCharacter, perplexity } from "./likelihood/perplexity.ts";
export { logSoftmax, logSumExp } from "./likelihood/logSoftmax.ts";
export { CompensatedSum } from "./likelihood/compensatedSum.ts";

export type { AsyncTokenStream, TokenIds, TokenStream } from "./ngram/tokenIds.ts";
export { NGramCounter, type NGramOptions } from "./ngram/nGramCounter.ts";
export { NGramCounts } from "./ngram/nGramCounts.ts";
export type { GramLevel, GramTrie } from "./ngram/gramTrie.ts";
export { ContextCursor } from "./ngram/contextCursor.ts";
export { NGramModel, type NGramTables } from "./ngram/nGramModel.ts";
export type { ImpossibleGram, NGramEvaluation, NGramEvaluationOptions } from "./ngram/evaluateNGrams.ts";
export type { GenerateOptions, UniformSource } from "./ngram/generateTokens.ts";

export { addK } from "./smoothing/addK.ts";
export { fitWeights, type FitWeightsOptions, interpolated } from "./smoothing/interpolated.ts";
export { absoluteDiscounting, type DiscountOptions } from "./smoothing/absoluteDiscounting.ts";
export { kneserNey, modifiedKneserNey, type ModifiedKneserNeyOptions } from "./smoothing/kneserNey.ts";
export { katz, type KatzOptions } from "./smoothing/katz.ts";
