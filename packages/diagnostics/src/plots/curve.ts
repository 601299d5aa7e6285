/**
 * Measurements along a run, as plots take them, and the mean of each stretch of steps.
 */

/** Values measured at steps. */
export interface Curve {
  /** One for each step. May hold NaN and infinities: they are shown as gaps and counted. */
  values: ArrayLike<number>;
  /** The steps, rising. @defaultValue 0, 1, 2, … */
  steps?: ArrayLike<number>;
}

/** A curve with its steps spelled out. */
export interface Steps {
  x: ArrayLike<number>;
  y: ArrayLike<number>;
}

/**
 * Checks a curve and fills in its steps.
 *
 * @throws RangeError if it is empty, steps and values differ in number, or a step is not finite.
 */
export function stepsOf(curve: Curve, caller: string): Steps {
  const { values, steps } = curve;
  if (values.length === 0) throw new RangeError(`${caller}: expected at least one value, got none`);
  if (steps !== undefined && steps.length !== values.length) {
    throw new RangeError(
      `${caller}: expected a step for each value, got ${steps.length} steps, ${values.length} values`,
    );
  }
  const x = steps ?? map(values, (_, i) => i);
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) throw new RangeError(`${caller}: expected finite steps, got ${x[i]} at ${i}`);
  }
  return { x, y: values };
}

/** `Float64Array.from` with a function, ten times as fast on a million values. */
export function map(values: ArrayLike<number>, change: (value: number, i: number) => number): Float64Array {
  const changed = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) changed[i] = change(values[i], i);
  return changed;
}

/**
 * The mean of the finite values of each `window` steps, at the middle of the measured ones. A stretch without any is NaN.
 *
 * Stretches begin at multiples of `window`, so 200,000 steps and a window of 1000 give 200 means, as
 * `lossi.view(-1, 1000).mean(1)` of the lectures.
 */
export function meanOfEach(window: number, { x, y }: Steps): { x: number[]; y: number[] } {
  const means: { x: number[]; y: number[] } = { x: [], y: [] };
  for (let start = 0; start < y.length;) {
    const stretch = Math.floor(x[start] / window);
    let [sum, count, end] = [0, 0, start];
    for (; end < y.length && Math.floor(x[end] / window) === stretch; end++) {
      if (Number.isFinite(y[end])) [sum, count] = [sum + y[end], count + 1];
    }
    means.x.push((x[start] + x[end - 1]) / 2);
    means.y.push(count === 0 ? NaN : sum / count);
    // A step that is no number belongs to no stretch.
    start = Math.max(end, start + 1);
  }
  return means;
}

/**
 * 1000 steps as in the lectures, or 100 or 10 where a run is too short for twenty means; 1, which is no averaging, where
 * fewer than five values would go into one.
 */
export function defaultWindow({ x }: Steps): number {
  const length = x[x.length - 1] - x[0] + 1;
  return [1000, 100, 10].find((window) => length >= 20 * window && x.length * window >= 5 * length) ?? 1;
}
