/**
 * What there is to know of a text's tokens: how many, how long, which often and which seldom.
 */

import type { TextTokenizer } from "./textTokenizer.ts";
import { listed, type ListedToken } from "./vocabularyFacts.ts";

/** A token that the text has. */
export interface UsedToken extends ListedToken {
  /** How often the text has it. */
  readonly count: number;
}

export interface TextFacts {
  readonly tokens: number;
  /** Size of the text in UTF-8. */
  readonly bytes: number;
  readonly bytesPerToken: number;
  /** Code points. */
  readonly characters: number;
  /** Kinds of tokens that the text has. */
  readonly distinct: number;
  /** The tokens that it has most often; of equal ones the smallest ids come first. */
  readonly frequent: readonly UsedToken[];
  /** Of the others those that it has least often; of equal ones the largest ids, which are the rarest elsewhere, come first. */
  readonly rare: readonly UsedToken[];
}

/**
 * Counts the tokens of a text.
 *
 * @param ids - Of the text.
 * @param most - Length of each list of tokens.
 */
export function textFacts(tokenizer: TextTokenizer, text: string, ids: Uint32Array, most: number): TextFacts {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const used = [...counts].map(([id, count]) => ({ id, count })).toSorted((a, b) => b.count - a.count || a.id - b.id);
  const rare = used.slice(most).slice(-most).toReversed();
  const bytes = Buffer.byteLength(text);
  let characters = 0;
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) !== 0xdc00) characters++;
  return {
    tokens: ids.length,
    bytes,
    bytesPerToken: bytes / ids.length,
    characters,
    distinct: used.length,
    frequent: listed(tokenizer, used.slice(0, most)),
    rare: listed(tokenizer, rare),
  };
}
