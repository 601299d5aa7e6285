/**
 * Tokens that are looked for in the text itself, before the model sees it.
 */

import { type Fields, toCount } from "./fields.ts";

/** A token that is not the model's to find. */
export interface AddedToken {
  /** Its spelling. */
  readonly content: string;
  /** Whether it is found only where no letter, mark, digit or underscore is next to it. */
  readonly singleWord: boolean;
  /** Whether it takes the white space before it. */
  readonly lstrip: boolean;
  /** Whether it takes the white space after it. */
  readonly rstrip: boolean;
  /** Whether it is looked for, in its own normalized form, in the normalized text. */
  readonly normalized: boolean;
  /** Whether decoding can leave it out. */
  readonly special: boolean;
}

/** Reads an entry of `added_tokens`; its id is not what counts (see AddedVocabulary). */
export function readAddedToken(fields: Fields): AddedToken {
  toCount(fields.pathOf("id"), fields.value("id"), 0xffffffff);
  return {
    content: fields.string("content"),
    singleWord: fields.boolean("single_word", false),
    lstrip: fields.boolean("lstrip", false),
    rstrip: fields.boolean("rstrip", false),
    normalized: fields.boolean("normalized", true),
    special: fields.boolean("special", false),
  };
}

/** As in a `tokenizer.json`. */
export function addedTokenJson(id: number, token: AddedToken): Record<string, unknown> {
  const { content, singleWord, lstrip, rstrip, normalized, special } = token;
  return { id, content, single_word: singleWord, lstrip, rstrip, normalized, special };
}

/** Whether two are the same. */
export function isSameToken(one: AddedToken, other: AddedToken): boolean {
  return (
    one.content === other.content &&
    one.singleWord === other.singleWord &&
    one.lstrip === other.lstrip &&
    one.rstrip === other.rstrip &&
    one.normalized === other.normalized &&
    one.special === other.special
  );
}
