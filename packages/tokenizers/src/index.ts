/**
 * Tokenizers of characters, of bytes and of byte-pair encodings, saved as Hugging Face `tokenizer.json`.
 */

export type { DecodeOptions, DecodeStream, EncodeOptions, Tokenizer } from "./tokenizer.ts";
export { CharacterTokenizer } from "./characterTokenizer.ts";
export type { CharacterTokenizerOptions } from "./characterVocabulary.ts";
export { ByteTokenizer, type ByteTokenizerOptions } from "./byteTokenizer.ts";
export { BpeTokenizer } from "./bpeTokenizer.ts";

export type { AddedTokenJson, BpeModelJson, TokenizerComponentJson, TokenizerJson } from "./tokenizerJson.ts";
export { parseTokenizer, tokenizerFromJSON } from "./tokenizerFromJSON.ts";
export {
  type AddedTokenConfigJson,
  tokenizerConfig,
  type TokenizerConfigJson,
  type TokenizerConfigOptions,
} from "./tokenizerConfig.ts";
