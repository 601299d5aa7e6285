/**
 * A tokenizer with as many tokens as its model has rows. Some models have a few rows more, for the sake of round numbers (Qwen's have
 * 151,936 for 151,669 tokens). Their rows stay, since they have a part in every softmax; the tokens that are made up for them are
 * special, so that they are found in no text by accident, and a model that draws one writes its name or, among special tokens, nothing.
 */

import type { Tokenizer, TokenizerJson } from "@llm-learning/tokenizers";
import { tokenizerOfDocument } from "../tokenizer/parseTokenizer.ts";
import { UsageError } from "../usageError.ts";

/** So many rows without a token are no rounding. */
const MOST_PADDING = 65_536;

/**
 * The tokenizer itself, or one with further tokens `<|unused_ID|>` behind its own.
 *
 * @param rows - Of the model's embedding.
 * @throws UsageError for a model with fewer rows than tokens, or many more.
 */
export function paddedTokenizer(tokenizer: Tokenizer, rows: number): Tokenizer {
  const { vocabSize } = tokenizer;
  if (vocabSize === rows) return tokenizer;
  if (vocabSize > rows || rows - vocabSize > MOST_PADDING) {
    throw new UsageError(`expected a tokenizer of the model's ${rows} tokens, got one of ${vocabSize}`);
  }
  const document = tokenizer.toJSON();
  const padding = Array.from({ length: rows - vocabSize }, (_, index) => ({
    id: vocabSize + index,
    content: nameOf(vocabSize + index),
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const padded = tokenizerOfDocument({ ...document, added_tokens: [...document.added_tokens, ...padding] });
  if (padded.vocabSize === rows) return padded;
  throw new UsageError(
    `expected a tokenizer of the model's ${rows} tokens, got one of ${vocabSize} that cannot be given further ones`,
  );
}

/** What a tokenizer was before it was padded, as its file says it; of one that was not, the same. */
export function withoutPadding(document: TokenizerJson): TokenizerJson {
  const { added_tokens: added, model } = document;
  const isOwn = (token: string, id: number): boolean => token !== nameOf(id);
  // Of some kinds of model, which keep added tokens elsewhere, it is a list.
  const vocab = Array.isArray(model.vocab)
    ? model.vocab
    : Object.fromEntries(Object.entries(model.vocab).filter(([token, id]) => isOwn(token, id)));
  return {
    ...document,
    added_tokens: added.filter(({ content, id }) => isOwn(content, id)),
    model: { ...model, vocab },
  };
}

function nameOf(id: number): string {
  return `<|unused_${id}|>`;
}
