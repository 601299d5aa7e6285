/**
 * How many bytes of UTF-8 each token stands for, so that losses of different tokenizers can be compared per byte.
 */

import { ByteTokenizer, type Tokenizer } from "@llm-learning/tokenizers";

/** Bytes by token id; a special token counts as its spelling. */
export function tokenByteLengths(tokenizer: Tokenizer): Uint32Array {
  const specialIds = new Set(tokenizer.specialTokens.values());
  return Uint32Array.from({ length: tokenizer.vocabSize }, (_, id) => {
    // Alone, a byte of a longer character would decode to U+FFFD.
    if (tokenizer instanceof ByteTokenizer && !specialIds.has(id)) return 1;
    return Buffer.byteLength(tokenizer.decode([id]));
  });
}
