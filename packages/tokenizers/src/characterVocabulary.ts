/**
 * The vocabulary of a character-level tokenizer: which token has which id.
 */

import { isSingleCharacter } from "./codePoints.ts";
import { describe, quote } from "./describe.ts";
import { checkSpecialToken, checkSpecialTokens } from "./specialTokens.ts";

/** Options of `CharacterTokenizer.fromText` and `CharacterTokenizer.fromCharacters`. */
export interface CharacterTokenizerOptions {
  /**
   * The token that stands for every character outside the vocabulary, such as `"<unk>"`; it is also a special token.
   * Without it such a character is an error.
   *
   * @defaultValue undefined
   */
  readonly unknown?: string | undefined;

  /**
   * Special tokens such as `"<|endoftext|>"`. One that is among the characters already (makemore's `"."`) keeps that
   * id; the others follow the characters, the unknown token first.
   *
   * @defaultValue []
   */
  readonly specialTokens?: readonly string[];
}

/** A checked vocabulary. */
export interface CharacterVocabulary {
  /** Id of each token, in id order. */
  readonly ids: ReadonlyMap<string, number>;
  /** The special tokens among them, the unknown token included. */
  readonly specialTokens: ReadonlySet<string>;
}

/**
 * Numbers characters in the given order, then the special tokens that were not among them.
 *
 * @param caller - Name of the public function, which begins the messages.
 * @param characters - Distinct characters; special tokens may stand among them.
 * @param options - The unknown token and the special tokens.
 * @throws TypeError or RangeError as `CharacterTokenizer.fromCharacters` says.
 */
export function characterVocabulary(
  caller: string,
  characters: Iterable<string>,
  { unknown, specialTokens = [] }: CharacterTokenizerOptions,
): CharacterVocabulary {
  if (unknown !== undefined) checkSpecialToken(caller, unknown);
  const listed = checkSpecialTokens(caller, specialTokens);
  const specials = unknown === undefined ? listed : new Set([unknown, ...listed]);

  const ids = new Map<string, number>();
  for (const character of characters) {
    if (!isSingleCharacter(character) && !specials.has(character)) {
      throw new RangeError(`${caller}: expected single characters (code points), got ${describe(character)}`);
    }
    if (ids.has(character)) {
      throw new RangeError(`${caller}: expected distinct characters, got ${quote(character)} twice`);
    }
    ids.set(character, ids.size);
  }
  for (const token of specials) if (!ids.has(token)) ids.set(token, ids.size);
  if (ids.size === 0) throw new RangeError(`${caller}: expected at least one character, got none`);
  return { ids, specialTokens: specials };
}
