/**
 * Scores of tokens as a distribution: its best token, its probabilities, a draw from it. Pure functions, in double precision.
 */

/** Index of the largest value, the first where several are equal. @throws RangeError if there is NaN, or nothing. */
export function argmax(values: Float32Array): number {
  // Nothing is above minus infinity where all are.
  let best = values.length > 0 ? 0 : -1;
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    // One comparison for most: NaN is not at most anything either.
    if (values[i] <= largest) continue;
    if (Number.isNaN(values[i])) throw new RangeError(`argmax: expected numbers, got NaN at index ${i}`);
    largest = values[i];
    best = i;
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
  const largest = finiteMaximum("tokenProbabilities", logits);
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    // What a filter has ruled out costs no exponential.
    if (logits[i] === -Infinity) continue;
    const weight = Math.exp((logits[i] - largest) / temperature);
    probabilities[i] = weight;
    sum += weight;
  }
  for (let i = 0; i < probabilities.length; i++) probabilities[i] /= sum;
  return probabilities;
}

/**
 * `log(softmax(logits))`, in double precision.
 *
 * @param logits - `[V]`; minus infinity stays minus infinity.
 * @returns `[V]`; their exponentials add up to 1.
 * @throws RangeError if no logit is finite or one is NaN or plus infinity.
 */
export function logProbabilities(logits: Float32Array): Float64Array {
  const largest = finiteMaximum("logProbabilities", logits);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  const logSum = Math.log(sum);
  const logProbabilities = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) logProbabilities[i] = logits[i] - largest - logSum;
  return logProbabilities;
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

/** @throws RangeError if no value is finite or one is NaN or plus infinity. */
export function finiteMaximum(caller: string, logits: Float32Array): number {
  const largest = logits[argmax(logits)];
  if (Number.isFinite(largest)) return largest;
  throw new RangeError(`${caller}: expected a finite largest logit, got ${largest}`);
}
