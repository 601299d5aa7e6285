/**
 * A series as one line of block characters, for a terminal or a log (Edward Tufte's sparklines).
 *
 * No escape codes and no printing: the string is plain text. A plot with axes is `lossCurve`.
 */

const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Options of {@link sparkline}. */
export interface SparklineOptions {
  /** Characters at most; a longer series is averaged in equal parts. @defaultValue 60 */
  width?: number;
  /** Value of the lowest block. @defaultValue the least finite value that is drawn */
  min?: number;
  /** Value of the highest block. @defaultValue the greatest finite value that is drawn */
  max?: number;
}

/**
 * Draws `values` in blocks of eighths: `▁` is the least, `█` the greatest, a constant series is `▄`.
 *
 * Each character is the mean of its part of the series. A part that holds a value that is no number says so: `×` for
 * NaN, `↑` and `↓` for the infinities. Values beyond `min` and `max` are drawn at the edge.
 *
 * @throws RangeError if `width` is not a whole number of at least 1, or `min` or `max` is not finite.
 *
 * @example
 * ```ts
 * sparkline([1, 2, 3, 4, 5, 6, 7, 8]); // => "▁▂▃▄▅▆▇█"
 * ```
 */
export function sparkline(values: ArrayLike<number>, options: SparklineOptions = {}): string {
  const { width = 60 } = options;
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new RangeError(`sparkline: expected a width of at least 1 character, got ${width}`);
  }
  const count = Math.min(width, values.length);
  const parts = Array.from({ length: count }, (_, part) => {
    const start = Math.floor((part * values.length) / count);
    return summarize(values, start, Math.floor(((part + 1) * values.length) / count));
  });
  const finite = parts.filter((value) => Number.isFinite(value));
  const { min = least(finite), max = greatest(finite) } = options;
  if (finite.length > 0 && !(Number.isFinite(min) && Number.isFinite(max))) {
    throw new RangeError(`sparkline: expected finite bounds, got min ${min} and max ${max}`);
  }
  return parts.map((value) => character(value, min, max)).join("");
}

/** The mean of a part, or the first value in it that is not finite. */
function summarize(values: ArrayLike<number>, start: number, end: number): number {
  let mean = 0;
  for (let i = start; i < end; i++) {
    if (!Number.isFinite(values[i])) return values[i];
    mean += (values[i] - mean) / (i - start + 1);
  }
  return mean;
}

function character(value: number, min: number, max: number): string {
  if (Number.isNaN(value)) return "×";
  if (!Number.isFinite(value)) return value > 0 ? "↑" : "↓";
  if (!(max > min)) return "▄";
  const level = Math.floor(((value - min) / (max - min)) * blocks.length);
  return blocks[Math.min(Math.max(level, 0), blocks.length - 1)];
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function greatest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}
