/**
 * Tokenizers of Hugging Face's `tokenizer.json`.
 */

export { Tokenizer } from "./tokenizer.ts";
export type { DecodeOptions, EncodeOptions, TextPair } from "./encodeOptions.ts";
export type { AddedToken } from "./addedToken.ts";
export type { Padding } from "./padding.ts";
export type { Truncation } from "./truncation.ts";
export { Encoding } from "./encoding.ts";
export type { OffsetUnit } from "../textOffsets.ts";
