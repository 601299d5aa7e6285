/**
 * Tokenizers of Hugging Face's `tokenizer.json`.
 */

export { type DecodeOptions, type EncodeOptions, type TextPair, Tokenizer } from "./tokenizer.ts";
export type { AddedToken } from "./addedToken.ts";
export { Encoding, type OffsetUnit } from "./encoding.ts";
