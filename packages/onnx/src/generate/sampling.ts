/**
 * From the scores of a model to the next token: temperature, top-k, nucleus, and the draw itself, as pure functions.
 *
 * The filters take logits and give logits, with minus infinity where a token is ruled out, so they compose in any order and
 * others can stand beside them. `sampleToken` composes them as Hugging Face's `generate` does: temperature, top-k, top-p.
 * Unlike there (and in nanoGPT), tokens of equal score at the border are not all kept: the lowest ids are, so that
 * exactly k remain and the result is the same everywhere.
 */

/** How the next token is chosen. */
export interface SamplingOptions {
  /** Logits are divided by it: below 1 sharpens, above 1 flattens, 0 takes the best token. @defaultValue 0 */
  readonly temperature?: number | undefined;
  /** Only the k best tokens are drawn, an integer >= 1. @defaultValue all */
  readonly topK?: number | undefined;
  /** Only the fewest best tokens whose probability adds up to at least p are drawn, in (0, 1]. @defaultValue all */
  readonly topP?: number | undefined;
}

/** Where chance comes from; `Rng` of `@llm-learning/init` is one. */
export interface UniformSource {
  /** A number from the uniform distribution on `[0, 1)`. */
  uniform(): number;
}

/**
 * The next token.
 *
 * @param logits - `[V]`, scores of every token.
 * @param rng - Asked for one number; not at all at temperature 0, which takes the first of the best tokens.
 * @throws RangeError for options out of range and for logits without a largest value (NaN: the model diverged).
 * @see Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1 (top-p)
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, rng?: UniformSource): number {
  checkSamplingOptions("sampleToken", options);
  const { temperature = 0, topK, topP } = options;
  if (temperature === 0) return argmax(logits);
  if (rng === undefined) {
    throw new TypeError(
      `sampleToken: expected an rng at temperature ${temperature}, got none; temperature 0 needs none`,
    );
  }
  let kept = logits;
  if (topK !== undefined) kept = keepTopK(kept, topK);
  if (topP !== undefined && topP < 1) kept = keepTopP(kept, topP, temperature);
  return drawIndex(tokenProbabilities(kept, temperature), rng.uniform());
}

/** Index of the largest value, the first where several are equal. @throws RangeError if there is NaN, or nothing. */
export function argmax(values: Float32Array): number {
  let best = -1;
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value > largest || best < 0) {
      largest = value;
      best = i;
    }
    if (Number.isNaN(value)) throw new RangeError(`argmax: expected numbers, got NaN at index ${i}`);
  }
  if (best < 0) throw new RangeError("argmax: expected at least one value, got none");
  return best;
}

/**
 * `softmax(logits / temperature)`, in double precision.
 *
 * @param logits - `[V]`; minus infinity gives probability 0.
 * @param temperature - Above 0. @defaultValue 1
 * @returns `[V]`, adding up to 1.
 * @throws RangeError if no logit is finite or one is NaN or plus infinity.
 */
export function tokenProbabilities(logits: Float32Array, temperature: number = 1): Float64Array {
  const largest = logits[argmax(logits)];
  if (!Number.isFinite(largest)) {
    throw new RangeError(`tokenProbabilities: expected a finite largest logit, got ${largest}`);
  }
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp((logits[i] - largest) / temperature);
    probabilities[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < probabilities.length; i++) probabilities[i] /= sum;
  return probabilities;
}

/** Logits in which all but the `k` largest are minus infinity; of equal ones at the border the first stay. */
export function keepTopK(logits: Float32Array, k: number): Float32Array {
  if (k >= logits.length) return logits;
  return keepLargest(logits, logits, k);
}

/**
 * Logits in which only the nucleus is left: the fewest of the most probable tokens that together have probability `p` or
 * more. At least one stays; of equal ones at the border the first.
 *
 * @param temperature - Of the probabilities meant. @defaultValue 1
 */
export function keepTopP(logits: Float32Array, p: number, temperature: number = 1): Float32Array {
  const probabilities = tokenProbabilities(logits, temperature);
  const descending = probabilities.toSorted().reverse();
  let count = 0;
  for (let sum = 0; count < descending.length && sum < p; count++) sum += descending[count];
  return keepLargest(logits, probabilities, Math.max(1, count));
}

/**
 * The index at which a number from `[0, 1)` falls when the probabilities are laid end to end.
 *
 * Never an index of probability 0, not even where rounding leaves the sum below `at`.
 */
export function drawIndex(probabilities: Float64Array, at: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i] === 0) continue;
    sum += probabilities[i];
    last = i;
    if (at < sum) break;
  }
  return last;
}

/** @throws RangeError naming the first option out of range. */
export function checkSamplingOptions(caller: string, { temperature = 0, topK, topP }: SamplingOptions): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(`${caller}: expected temperature to be a number >= 0, got ${temperature}`);
  }
  if (topK !== undefined && (!Number.isInteger(topK) || topK < 1)) {
    throw new RangeError(`${caller}: expected topK to be an integer >= 1, got ${topK}`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) {
    throw new RangeError(`${caller}: expected topP to be a number in (0, 1], got ${topP}`);
  }
}

/** `logits` where `scores` has one of its `count` largest values, minus infinity elsewhere; the first of equals stay. */
function keepLargest(logits: Float32Array, scores: Float32Array | Float64Array, count: number): Float32Array {
  const ascending = scores.toSorted();
  const border = ascending[ascending.length - count];
  let equals = 0;
  for (let i = ascending.length - count; i < ascending.length && ascending[i] === border; i++) equals++;
  return logits.map((logit, i) => {
    if (scores[i] > border) return logit;
    return scores[i] === border && equals-- > 0 ? logit : -Infinity;
  });
}
