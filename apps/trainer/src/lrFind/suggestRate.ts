/**
 * Which learning rate a curve of loss against learning rate speaks for: the one at which the loss falls most steeply.
 *
 * The curve is noisy, since each point is one batch: value and slope come from a straight line fitted around each point, whose
 * neighbours count by a Gaussian of their distance in decades (local linear regression; Cleveland 1979, "Robust Locally
 * Weighted Regression and Smoothing Scatterplots"). The lowest point of the curve itself is no good choice: there the loss
 * is about to rise.
 */

/** A curve made smooth, and what it says. */
export interface RateSuggestion {
  /** Rate at the steepest descent; undefined where the loss never falls. */
  readonly rate: number | undefined;
  /** Rate at the lowest point of the smooth curve. */
  readonly lowest: number;
  /** The smooth curve, a value for each rate. */
  readonly smooth: readonly number[];
}

/** Width of the Gaussian, in decades: a learning rate is well known when it is known to a third. */
const WIDTH = 0.15;

/**
 * Reads a learning-rate finder's curve.
 *
 * @param rates - Positive and rising.
 * @param losses - The loss at each, finite.
 * @throws RangeError for fewer than 2 points or lists of different lengths.
 *
 * @example
 * ```ts
 * suggestRate([0.001, 0.01, 0.1, 1], [3, 2.9, 2, 5]).lowest; // => 0.1
 * ```
 */
export function suggestRate(rates: readonly number[], losses: readonly number[]): RateSuggestion {
  if (rates.length !== losses.length || rates.length < 2) {
    throw new RangeError(
      `suggestRate: expected at least 2 rates and as many losses, got ${rates.length} and ${losses.length}`,
    );
  }
  const places = rates.map(Math.log10);
  const lines = places.map((place) => lineAround(place, places, losses));
  const smooth = lines.map(({ value }) => value);
  const lowest = smooth.indexOf(Math.min(...smooth));
  let steepest = 0;
  for (let i = 1; i <= lowest; i++) if (lines[i].slope < lines[steepest].slope) steepest = i;
  const falls = lowest > 0 && lines[steepest].slope < 0;
  return { rate: falls ? rates[steepest] : undefined, lowest: rates[lowest], smooth };
}

/** The weighted least-squares line through the points, at `place`: its value there and its slope per decade. */
function lineAround(
  place: number,
  places: readonly number[],
  losses: readonly number[],
): { value: number; slope: number } {
  const weights = places.map((other) => Math.exp(-0.5 * ((other - place) / WIDTH) ** 2));
  const total = sumOf(weights, () => 1);
  const meanX = sumOf(weights, (i) => places[i]) / total;
  const meanY = sumOf(weights, (i) => losses[i]) / total;
  const spread = sumOf(weights, (i) => (places[i] - meanX) ** 2);
  const slope = spread > 1e-12 ? sumOf(weights, (i) => (places[i] - meanX) * (losses[i] - meanY)) / spread : 0;
  return { value: meanY + slope * (place - meanX), slope };
}

function sumOf(weights: readonly number[], value: (index: number) => number): number {
  return weights.reduce((sum, weight, index) => sum + weight * value(index), 0);
}
