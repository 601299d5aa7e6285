/**
 * The units that losses are reported in. Nats per token depend on what a token is; bits per byte and per character do not,
 * so they compare models with different tokenizers on the same text.
 */

/**
 * `exp(averageNll)`: among how many equally likely tokens a model with this loss is undecided on average.
 *
 * @param averageNll - Nats per token, at least 0. Infinity gives infinity.
 * @throws RangeError for anything else.
 *
 * @example
 * ```ts
 * perplexity(Math.log(27)); // => 27
 * ```
 */
export function perplexity(averageNll: number): number {
  if (!(averageNll >= 0)) {
    throw new RangeError(`perplexity: expected averageNll to be nats per token >= 0, got ${averageNll}`);
  }
  return Math.exp(averageNll);
}

/**
 * `nll / (ln 2 * bytes)`.
 *
 * @param nll - Of the whole text, in nats: the sum, not the average.
 * @param bytes - Size of the same text in UTF-8, above 0.
 * @throws RangeError if `nll` is negative or NaN, or `bytes` not above 0.
 *
 * @example
 * ```ts
 * bitsPerByte(16 * Math.LN2, 8); // => 2
 * ```
 */
export function bitsPerByte(nll: number, bytes: number): number {
  return bitsPer("bitsPerByte", "bytes", nll, bytes);
}

/**
 * `nll / (ln 2 * characters)`: as {@link bitsPerByte}, per character. Equal to it for text that is all ASCII.
 *
 * @param characters - Of the same text, above 0; say whether code points or UTF-16 units where it makes a difference.
 */
export function bitsPerCharacter(nll: number, characters: number): number {
  return bitsPer("bitsPerCharacter", "characters", nll, characters);
}

function bitsPer(caller: string, unit: string, nll: number, count: number): number {
  if (!(nll >= 0)) throw new RangeError(`${caller}: expected nll to be nats >= 0, got ${nll}`);
  if (!(count > 0 && count < Infinity)) {
    throw new RangeError(`${caller}: expected ${unit} to be a number > 0, got ${count}`);
  }
  return nll / Math.LN2 / count;
}
