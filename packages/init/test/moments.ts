/** Sample statistics, with how far chance lets each stray: tests allow five standard errors. */

/** The first four moments of a sample; kurtosis is 3 for a normal distribution. */
export function moments(data: ArrayLike<number>): { mean: number; std: number; skewness: number; kurtosis: number } {
  const n = data.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += data[i] / n;
  let m2 = 0;
  let m3 = 0;
  let m4 = 0;
  for (let i = 0; i < n; i++) {
    const d = data[i] - mean;
    m2 += (d * d) / n;
    m3 += (d * d * d) / n;
    m4 += (d * d * d * d) / n;
  }
  return { mean, std: Math.sqrt(m2), skewness: m3 / m2 ** 1.5, kurtosis: m4 / (m2 * m2) };
}

/**
 * Five standard errors of the mean, the relative standard deviation, skewness and kurtosis of `n` independent draws, for
 * a distribution of the given standard deviation and kurtosis. The last two hold for the normal distribution only.
 */
export function fiveStandardErrors(n: number, std: number, kurtosis = 3) {
  return {
    mean: (5 * std) / Math.sqrt(n),
    std: (5 * std * Math.sqrt(kurtosis - 1)) / (2 * Math.sqrt(n)),
    skewness: 5 * Math.sqrt(6 / n),
    kurtosis: 5 * Math.sqrt(24 / n),
  };
}

/** The largest distance between two sequences of the same length, relative to `expected` where that is larger than 1. */
export function largestError(actual: ArrayLike<number>, expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(...expected.map((value, i) => Math.abs(actual[i] - value) / Math.max(1, Math.abs(value))));
}
