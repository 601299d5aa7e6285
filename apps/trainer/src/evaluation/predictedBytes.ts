/**
 * The size of the text that a model is asked to predict, so that losses of different tokenizers can be compared per byte.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import { HuggingFaceTokenizer } from "../tokenizer/huggingFaceTokenizer.ts";
import { LibraryTokenizer } from "../tokenizer/libraryTokenizer.ts";

/** The first tokens of so many characters are those of the text. */
const BEGINNING = 4096;

/**
 * Bytes of UTF-8 of a text without its first tokens, which nothing predicts.
 *
 * @param count - How many of them.
 */
export function predictedBytes(text: string, tokenizer: Tokenizer, count = 1): number {
  const placing = tokenizer instanceof HuggingFaceTokenizer ? tokenizer : new LibraryTokenizer(tokenizer);
  const options = { specialTokens: "match", addsSpecialTokens: false } as const;
  const { ends } = placing.encodeWithPlaces(text.slice(0, BEGINNING * count), options, "byte");
  return Buffer.byteLength(text) - (ends[count - 1] ?? 0);
}
