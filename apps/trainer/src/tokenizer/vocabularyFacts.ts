/**
 * What there is to know of a vocabulary without a text: its size, its longest tokens, how long tokens are, and which were learned
 * last.
 */

import type { TextTokenizer } from "./textTokenizer.ts";
import { visibleBytes } from "./visibleText.ts";

/** A token of a list. */
export interface ListedToken {
  readonly id: number;
  /** As its file spells it. */
  readonly token: string;
  /** The text that it stands for, ready to be shown. */
  readonly text: string;
  /** Size of that text in UTF-8. */
  readonly bytes: number;
}

export interface VocabularyFacts {
  readonly kind: string;
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** Ids that have a token. */
  readonly tokens: number;
  readonly specialTokens: readonly { readonly id: number; readonly token: string }[];
  /** The longest tokens in bytes; of equal ones the first come first. */
  readonly longest: readonly ListedToken[];
  /** The largest ids: learned last, and so the rarest in the text that the vocabulary was learned from. */
  readonly last: readonly ListedToken[];
  /** Number of ordinary tokens by their length in bytes, shortest first. */
  readonly lengths: readonly { readonly bytes: number; readonly tokens: number }[];
}

/**
 * Looks through a vocabulary.
 *
 * @param most - Length of each list of tokens.
 */
export function vocabularyFacts(tokenizer: TextTokenizer, most: number): VocabularyFacts {
  const special = new Set(tokenizer.specialTokens.values());
  const sizes: { id: number; bytes: number }[] = [];
  let tokens = 0;
  for (const id of tokenizer.ids()) {
    const bytes = tokenizer.bytesOf(id)?.length;
    if (bytes === undefined) continue;
    tokens++;
    if (!special.has(id)) sizes.push({ id, bytes });
  }
  const counts = new Map<number, number>();
  for (const { bytes } of sizes) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
  return {
    kind: tokenizer.kind,
    vocabSize: tokenizer.vocabSize,
    tokens,
    specialTokens: [...tokenizer.specialTokens].map(([token, id]) => ({ id, token })),
    longest: listed(tokenizer, sizes.toSorted((a, b) => b.bytes - a.bytes || a.id - b.id).slice(0, most)),
    last: listed(tokenizer, sizes.slice(-most).toReversed()),
    lengths: [...counts].map(([bytes, count]) => ({ bytes, tokens: count })).toSorted((a, b) => a.bytes - b.bytes),
  };
}

/** Ids with all that is shown of them. */
export function listed<T extends { readonly id: number }>(
  tokenizer: TextTokenizer,
  items: readonly T[],
): (T & ListedToken)[] {
  return items.map((item) => {
    const bytes = tokenizer.bytesOf(item.id) ?? new Uint8Array();
    return {
      ...item,
      token: tokenizer.tokenOf(item.id) ?? "",
      text: visibleBytes(bytes),
      bytes: bytes.length,
    };
  });
}
