/**
 * tiktoken's encodings in TypeScript: exact ids, the same rules for special tokens, `.tiktoken` files read and written.
 */

export { Encoding, type EncodingOptions, type SpecialTokenPolicy } from "./encoding.ts";
export {
  type EncodingDefinition,
  encodingDefinitions,
  type EncodingName,
  type PatternName,
} from "./encodingDefinitions.ts";
export { encodingForModel, encodingNameForModel, getEncoding, listEncodingNames } from "./getEncoding.ts";
export { formatTiktoken, parseTiktoken } from "./tiktokenFile.ts";
