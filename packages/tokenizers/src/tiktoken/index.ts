/**
 * tiktoken's encodings in TypeScript: exact ids, the same rules for special tokens, `.tiktoken` files read and written.
 */

export { Encoding } from "./encoding.ts";
export type { EncodedWithOffsets, EncodeWithOffsetsOptions, EncodingOptions } from "./encodingOptions.ts";
export {
  type EncodingDefinition,
  encodingDefinitions,
  type EncodingName,
  type PatternName,
  type SplitPattern,
} from "./encodingDefinitions.ts";
export { encodingForModel, encodingNameForModel, getEncoding, listEncodingNames } from "./getEncoding.ts";
export { parseVocabBpe } from "./gpt2Files.ts";
export type { OffsetUnit } from "../textOffsets.ts";
export type { TokenOffsets } from "../tokenOffsets.ts";
export { splitPattern } from "./splitPattern.ts";
export type { SpecialTokenPolicy } from "./specialTokenPolicy.ts";
export { formatTiktoken, parseTiktoken } from "./tiktokenFile.ts";
export type { DecodedWithOffsets, DecodeErrors, Ids, TextDecodeOptions } from "./tokenDecoder.ts";
export type { UnstableEncoding } from "./unstableEnd.ts";
