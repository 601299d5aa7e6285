/**
 * Reads texts as a constraint does: byte by byte, in a vocabulary of bytes.
 */

import { ByteTokenizer } from "@llm-learning/tokenizers";
import { type Grammar, GrammarConstraint, tokenVocabulary } from "../../src/constrained/index.ts";

export const bytes = new ByteTokenizer({ specialTokens: ["<|end|>"] });
export const END = 256;

/** How much of a text a grammar lets through, in bytes, and whether it may end there. */
export function read(
  grammar: Grammar,
  text: string | Uint8Array,
): { length: number; canEnd: boolean; isComplete: boolean } {
  const constraint = new GrammarConstraint(grammar, tokenVocabulary(bytes), { eosIds: [END] });
  const all = typeof text === "string" ? new TextEncoder().encode(text) : text;
  let length = 0;
  for (const byte of all) {
    if (((constraint.allowed()[byte >>> 5] >>> (byte & 31)) & 1) === 0) break;
    constraint.accept(byte);
    length++;
  }
  return { length, canEnd: constraint.canEnd, isComplete: constraint.isComplete };
}

/** Whether a grammar lets a whole text through. */
export function accepts(grammar: Grammar, text: string | Uint8Array): boolean {
  const { length, canEnd } = read(grammar, text);
  return canEnd && length === (typeof text === "string" ? new TextEncoder().encode(text).length : text.length);
}
