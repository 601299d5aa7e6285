/**
 * How many bytes of UTF-8 tokens stand for, so that losses of different tokenizers can be compared per byte.
 */

import type { TokenArray } from "@llm-learning/datasets";
import { BpeTokenizer, ByteTokenizer, type Tokenizer } from "@llm-learning/tokenizers";

/** Bytes of all `tokens` together; a special token counts as its spelling. */
export function tokenBytes(tokens: TokenArray, tokenizer: Tokenizer): number {
  // Asked once for each kind of token, and never for ids that a vocabulary leaves out.
  const counts = new Float64Array(tokenizer.vocabSize);
  for (let i = 0; i < tokens.length; i++) counts[tokens[i]]++;
  let bytes = 0;
  for (let id = 0; id < counts.length; id++) if (counts[id] > 0) bytes += counts[id] * bytesOf(id, tokenizer);
  return bytes;
}

function bytesOf(id: number, tokenizer: Tokenizer): number {
  // Part of a character, decoded alone, would be U+FFFD, which is three bytes.
  if (tokenizer instanceof BpeTokenizer) return tokenizer.encoding.decodeSingleTokenBytes(id).length;
  if (tokenizer instanceof ByteTokenizer && id < 256) return 1;
  return Buffer.byteLength(tokenizer.decode([id]));
}
