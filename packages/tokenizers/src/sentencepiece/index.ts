/**
 * SentencePiece models: reading, encoding, decoding, writing.
 */

export { SentencePieceProcessor } from "./processor.ts";
export type { EncodedText } from "./encodedText.ts";
export type { OffsetUnit } from "../textOffsets.ts";
export type { SentencePieceEncodeOptions, SentencePiecePieceOptions } from "./pieceEncoder.ts";
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
