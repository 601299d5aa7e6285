/**
 * SentencePiece models: reading, encoding, decoding, writing.
 */

export { SentencePieceProcessor } from "./processor.ts";
export type { DecodedText } from "./decodedText.ts";
export type { EncodedText } from "./encodedText.ts";
export type { NormalizedText } from "./normalizedText.ts";
export type { AddTokensOptions } from "./addedTokens.ts";
export type { OffsetUnit } from "../textOffsets.ts";
export type { ScoredText, SentencePieceEncodeOptions, SentencePiecePieceOptions } from "./pieceEncoder.ts";
export type { SamplingOptions, ScoredSamplingOptions } from "./sampling.ts";
export {
  type ModelProto,
  type ModelType,
  type NormalizerSpec,
  type PieceKind,
  type PieceProto,
  readModelProto,
  type SelfTestData,
  type SelfTestSample,
  type TrainerSpec,
  writeModelProto,
} from "./modelProto.ts";
