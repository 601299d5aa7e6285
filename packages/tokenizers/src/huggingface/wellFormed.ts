/**
 * Text as UTF-8 can hold it: a lone surrogate becomes U+FFFD.
 */

import { describe } from "../describe.ts";

const LONE = /\p{Surrogate}/gu;

/** @throws TypeError if it is no text. */
export function wellFormed(text: string): string {
  if (typeof text !== "string") throw new TypeError(`Tokenizer.encode: expected a string, got ${describe(text)}`);
  return text.replace(LONE, "\ufffd");
}
