/**
 * What callers of a tokenizer say: the texts, and how to encode and decode.
 */

import { describe } from "../describe.ts";
import type { OffsetUnit } from "../textOffsets.ts";
import type { Padding } from "./padding.ts";
import type { Sequence } from "./pipeline.ts";
import type { Truncation } from "./truncation.ts";
import { wellFormed } from "./wellFormed.ts";

/** A text with another one, as for questions and their contexts; arrays are texts that are cut into words already. */
export interface TextPair {
  readonly text: string | readonly string[];
  readonly pair?: string | readonly string[] | undefined;
}

/** Options of {@link Tokenizer.encode}. */
export interface EncodeOptions {
  /**
   * Whether the post-processor puts its tokens around the text.
   *
   * @defaultValue true
   */
  readonly addSpecialTokens?: boolean;
  /**
   * What the spelling of a special token in the text means: that token (`"match"`), or text like any other (`"text"`), the choice for text by
   * strangers.
   *
   * @defaultValue "match"
   */
  readonly specialTokens?: "match" | "text";
  /**
   * What {@link Encoding.offsets} count: UTF-16 units, as JavaScript's strings do, code points, as Python's, or bytes of UTF-8.
   *
   * @defaultValue "utf16"
   */
  readonly unit?: OffsetUnit;
  /**
   * How long encodings may be; `false` for no limit.
   *
   * @defaultValue what the file says
   */
  readonly truncation?: Truncation | false;
  /**
   * How encodings are filled up to one length; `false` if they are not.
   *
   * @defaultValue what the file says
   */
  readonly padding?: Padding | false;
  /** Random numbers from 0 to 1 for the dropout of a BPE model that has one; without them nothing is dropped. */
  readonly rng?: () => number;
}

/** Options of {@link Tokenizer.decode}. */
export interface DecodeOptions {
  /**
   * Leaves special tokens out of the text.
   *
   * @defaultValue false
   */
  readonly skipSpecialTokens?: boolean;
}

/** The texts of an input, well-formed. @throws TypeError if it is none. */
export function sequencesOf(input: string | TextPair): Sequence[] {
  if (typeof input === "string") return [wellFormed(input)];
  if (typeof input !== "object" || input === null) {
    throw new TypeError(`Tokenizer.encode: expected a string or { text, pair }, got ${describe(input)}`);
  }
  const { text, pair } = input;
  return (pair === undefined ? [text] : [text, pair]).map((sequence) => {
    if (typeof sequence === "string") return wellFormed(sequence);
    if (Array.isArray(sequence)) return sequence.map(wellFormed);
    throw new TypeError(`Tokenizer.encode: expected texts or arrays of words, got ${describe(sequence)}`);
  });
}

/** What a caller asks for, or else what the file says. */
export function chosen<Option, Checked>(
  option: Option | false | undefined,
  fallback: Checked | undefined,
  check: (option: Option) => Checked,
): Checked | undefined {
  if (option === undefined) return fallback;
  return option === false ? undefined : check(option);
}

/** Requires one of a few values. */
export function checkOneOf(option: string, value: unknown, accepted: readonly string[]): void {
  if (accepted.some((one) => one === value)) return;
  const list = accepted.map(describe).join(" or ");
  throw new RangeError(`Tokenizer.encode: expected ${option} ${list}, got ${describe(value)}`);
}
