/**
 * Patterns of one's own: any regular expression of tiktoken's.
 */

import { describe } from "../describe.ts";
import { knownSplitting } from "../splitting/knownPatterns.ts";
import { createRegexSplitter } from "../splitting/regexSplitter.ts";
import type { SplitPattern } from "./encodingDefinitions.ts";

/**
 * A regular expression as the pattern of an {@link Encoding}, as tiktoken's `pat_str`: the matches are the pieces, and text that lies
 * between them is left out.
 *
 * It has the syntax and the meaning of tiktoken's expressions (those of Rust's crate fancy-regex, at Unicode 16), except back references,
 * conditions, `\K`, `\G` and empty matches, which give no tokens. It takes time in proportion to the text, whatever the expression. Those of GPT-2,
 * cl100k_base, o200k_base, Llama 3 and Qwen, as tiktoken or Hugging Face spell them, are run by code written for them, which is faster.
 *
 * @param source - The expression.
 * @throws TypeError if it is no string; RangeError that says what is wrong with it.
 * @example
 * new Encoding({ name: "own", pattern: splitPattern(String.raw`\p{L}+|\s+|[^\s\p{L}]+`), ranks });
 */
export function splitPattern(source: string): SplitPattern {
  if (typeof source !== "string") throw new TypeError(`splitPattern: expected a string, got ${describe(source)}`);
  const known = knownSplitting(source);
  if (known !== undefined) return { source, splitting: known };
  // Read at once, for its errors; the encoding builds its own on first use.
  createRegexSplitter(source, "rust");
  return { source, splitting: { createSplitter: () => createRegexSplitter(source, "rust") } };
}
