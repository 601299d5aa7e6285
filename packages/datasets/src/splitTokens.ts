/**
 * Splits a text's tokens into a first part to train on and a last part to validate with, as nanoGPT's prepare.py does.
 * The parts are contiguous on purpose: windows drawn at random from one text would overlap between the two, and the
 * validation loss would measure memory.
 */

import type { TokenArray } from "./tokenArray.ts";

/** Options of {@link splitTokens}. */
export interface SplitTokensOptions {
  /** Share of the tokens to validate with, 0 to below 1. @defaultValue 0.1 */
  readonly validationFraction?: number;
  /** Length of the part to train on, where the text was cut before it was encoded. @defaultValue by `validationFraction` */
  readonly trainLength?: number;
  /** The model's block size; where given, each part must hold a window of it (a validationFraction of 0 has one part). */
  readonly blockSize?: number;
}

/** The two parts of {@link splitTokens}, views of the tokens given. */
export interface TokenSplit {
  readonly train: TokenArray;
  readonly validation: TokenArray;
}

/**
 * Splits tokens: the first `trainLength`, or `floor((1 - validationFraction) * length)`, train, the rest validate.
 *
 * @param tokens - a text's token ids
 * @param options - share of the validation part, and the block size that both parts must hold
 * @returns views of `tokens`, no copies
 * @throws RangeError where an option is out of range, or a part is shorter than `blockSize + 1`; the message says how long
 * the text is and how long it would have to be
 * @see https://github.com/karpathy/nanoGPT/blob/master/data/shakespeare_char/prepare.py
 *
 * @example
 * ```ts
 * splitTokens(new Uint16Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).validation; // => new Uint16Array([9])
 * ```
 */
export function splitTokens(tokens: TokenArray, options: SplitTokensOptions = {}): TokenSplit {
  const { validationFraction = 0.1, blockSize } = options;
  if (!(validationFraction >= 0 && validationFraction < 1)) {
    throw new RangeError(
      `splitTokens: expected validationFraction from 0 to below 1, got ${String(validationFraction)}`,
    );
  }
  const trainShare = (length: number): number => Math.floor((1 - validationFraction) * length);
  const cut = options.trainLength ?? trainShare(tokens.length);
  if (!(Number.isSafeInteger(cut) && cut >= 0 && cut <= tokens.length)) {
    throw new RangeError(
      `splitTokens: expected trainLength to be an integer from 0 to ${tokens.length}, got ${String(cut)}`,
    );
  }
  const train = tokens.subarray(0, cut);
  const validation = tokens.subarray(cut);
  if (blockSize === undefined) return { train, validation };

  if (!(Number.isSafeInteger(blockSize) && blockSize >= 1)) {
    throw new RangeError(`splitTokens: expected blockSize to be a positive integer, got ${String(blockSize)}`);
  }
  // A window has blockSize inputs, and its targets reach one token further.
  const needed = blockSize + 1;
  const parts = validationFraction === 0 ? { train } : { train, validation };
  for (const [name, { length }] of Object.entries(parts)) {
    if (length >= needed) continue;
    const share = validationFraction === 0 ? 1 : Math.min(validationFraction, 1 - validationFraction);
    let total = Math.ceil(needed / share);
    if (trainShare(total) < needed) total++; // the product above can round to just below a whole number
    throw new RangeError(
      `splitTokens: expected at least ${needed} tokens (blockSize ${blockSize} + 1) in the ${name} part, got ` +
        `${length} of a text of ${tokens.length}: use a text of at least ${total} tokens or a smaller blockSize`,
    );
  }
  return { train, validation };
}
