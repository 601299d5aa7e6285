/**
 * The kinds of tokenizers that `tokenizer train` learns, and the files that hold them.
 */

import type { PatternName } from "@llm-learning/tokenizers/tiktoken";
import type { TokenizerFormat } from "./tokenizerSource.ts";

/** Byte-level BPE, or a model of SentencePiece's. */
export const tokenizerModels = [
  "bpe",
  "sentencepiece-unigram",
  "sentencepiece-bpe",
  "sentencepiece-word",
  "sentencepiece-char",
] as const;

export type TokenizerModel = (typeof tokenizerModels)[number];

/** The formats of a model, the usual one first. */
export function formatsOf(model: TokenizerModel): readonly TokenizerFormat[] {
  return model === "bpe" ? ["json", "tiktoken"] : ["model"];
}

/** The names of the patterns that cut text, each by the encoding that brought it in. */
export const patternNames: readonly PatternName[] = ["r50k_base", "cl100k_base", "o200k_base"];
