/**
 * Token ids in the narrowest array that holds them: two bytes each up to 65,536 kinds of tokens, as nanoGPT keeps them,
 * else four. A training text is held in memory once, so the width is half or all of the data's memory.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";

/** Token ids, 16 bits wide where the vocabulary allows it. */
export type TokenArray = Uint16Array | Uint32Array;

/**
 * Encodes a text with a tokenizer and keeps the ids in the narrowest array.
 *
 * @param text - any text
 * @param tokenizer - a tokenizer of `@llm-learning/tokenizers`, or anything with its `encode` and `vocabSize`
 * @returns one id per token; empty for `""`
 * @throws RangeError where the tokenizer gives an id that is not below its `vocabSize`
 */
export function encodeText(text: string, tokenizer: Pick<Tokenizer, "encode" | "vocabSize">): TokenArray {
  return tokenArray(tokenizer.encode(text), tokenizer.vocabSize);
}

/**
 * Copies token ids into a Uint16Array where `vocabSize` is at most 65,536, else into a Uint32Array.
 *
 * @param ids - integers from 0 to `vocabSize - 1`
 * @param vocabSize - number of kinds of tokens, 1 to 2^32
 * @returns the ids
 * @throws RangeError where `vocabSize` or an id is out of range; the message gives the id's position
 *
 * @example
 * ```ts
 * tokenArray([2, 0, 1], 3); // => new Uint16Array([2, 0, 1])
 * ```
 */
export function tokenArray(ids: ArrayLike<number>, vocabSize: number): TokenArray {
  if (!(Number.isSafeInteger(vocabSize) && vocabSize >= 1 && vocabSize <= 2 ** 32)) {
    throw new RangeError(`tokenArray: expected vocabSize to be an integer from 1 to 2^32, got ${String(vocabSize)}`);
  }
  const tokens = vocabSize <= 2 ** 16 ? new Uint16Array(ids.length) : new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    if (!(Number.isInteger(id) && id >= 0 && id < vocabSize)) {
      throw new RangeError(
        `tokenArray: expected ids from 0 to ${vocabSize - 1} (vocabSize - 1), got ${String(id)} at position ${i}`,
      );
    }
    tokens[i] = id;
  }
  return tokens;
}
