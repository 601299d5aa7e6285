/**
 * The kinds of tokenizers that `tokenizer train` learns, and the files that hold them.
 */

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
