/**
 * The token that ends a document, by which a model learns where one begins.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";

/** How it is spelled: in GPT-2 and its kin, in Llama 3, in SentencePiece models, in Gemma. */
const spellings = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>"];

/** A token and its id. */
export interface EndOfText {
  readonly id: number;
  readonly token: string;
}

/** The tokenizer's own; undefined where it has none. */
export function endOfTextOf({ specialTokens }: Tokenizer): EndOfText | undefined {
  const token = spellings.find((spelling) => specialTokens.has(spelling));
  return token === undefined ? undefined : { token, id: specialTokens.get(token) as number };
}
