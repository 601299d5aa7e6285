/**
 * Training of tokenizers.
 */

export type { BpeTrainingOptions, BpeTrainingProgress } from "./bpeTrainingOptions.ts";
export type { TrainingSignal } from "./pace.ts";
export type {
  NormalizationRuleName,
  SentencePieceTrainingOptions,
  SentencePieceTrainingProgress,
} from "./sentencepiece/options.ts";
export { trainSentencePiece } from "./sentencepiece/trainSentencePiece.ts";
export { trainBpe } from "./trainBpe.ts";
