/**
 * From logits to log-probabilities without overflow or underflow: the largest logit is taken out before anything is
 * raised to a power, and no probability is ever formed only to have its logarithm taken.
 */

import { CompensatedSum } from "./compensatedSum.ts";

/**
 * `ln(exp(x_0) + exp(x_1) + ...)`, as `max + ln(sum exp(x_i - max))`: no term overflows, and the largest never underflows.
 *
 * @param logits - At least one number; minus infinity adds nothing.
 * @throws RangeError if there are no logits, one is NaN or plus infinity, or all are minus infinity: they then give no
 * distribution.
 *
 * @example
 * ```ts
 * logSumExp([1000, 1000]); // => 1000 + Math.log(2)
 * ```
 */
export function logSumExp(logits: ArrayLike<number>): number {
  const { max, logSum } = normalizerOfRow("logSumExp", logits, 0, logits.length);
  return max + logSum;
}

/**
 * `ln softmax(logits)`, as `(x_i - max) - ln(sum exp(x_j - max))`.
 *
 * @param logits - At least one number; minus infinity stays what it is (probability 0).
 * @returns As many log-probabilities, whose exponentials add up to 1.
 * @throws RangeError as {@link logSumExp}.
 *
 * @example
 * ```ts
 * logSoftmax([0, Math.log(3)]); // => [Math.log(1 / 4), Math.log(3 / 4)]
 * ```
 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const { max, logSum } = normalizerOfRow("logSoftmax", logits, 0, logits.length);
  return Float64Array.from(logits, (logit) => logit - max - logSum);
}

/**
 * The two parts of the log-normalizer of `logits[start, end)`, speaking for `caller`. They are kept apart because their
 * sum rounds: near 0, a loss is `logSum` alone, and may be far smaller than the last digit of `max`.
 */
export function normalizerOfRow(
  caller: string,
  logits: ArrayLike<number>,
  start: number,
  end: number,
): { max: number; logSum: number } {
  if (end <= start) throw new RangeError(`${caller}: expected at least one logit, got none`);
  let largest = start;
  for (let i = start; i < end; i++) {
    const logit = logits[i];
    // Not `logit === Infinity || isNaN(logit)`: one comparison that NaN fails as well.
    if (!(logit < Infinity)) {
      throw new RangeError(`${caller}: expected logits below infinity, got ${logit} at index ${i}: the model diverged`);
    }
    if (logit > logits[largest]) largest = i;
  }
  const max = logits[largest];
  if (max === -Infinity) {
    throw new RangeError(
      `${caller}: expected a logit above minus infinity, got none from index ${start} to ${end - 1}`,
    );
  }
  // The largest one's term is exactly 1, and is left to log1p: others of 1e-20 then still count.
  const others = new CompensatedSum();
  for (let i = start; i < end; i++) if (i !== largest) others.add(Math.exp(logits[i] - max));
  return { max, logSum: Math.log1p(others.value) };
}
