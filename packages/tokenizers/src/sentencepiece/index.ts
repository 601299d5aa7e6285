/**
 * SentencePiece models: reading, encoding, decoding, writing.
 */

export { SentencePieceProcessor, type SentencePieceEncodeOptions } from "./processor.ts";
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
