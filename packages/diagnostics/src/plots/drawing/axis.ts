/**
 * Scales with their ticks, through d3-scale: linear, and logarithmic with powers of ten.
 */

import { scaleLinear, scaleLog } from "d3-scale";
import { formatNumber, formatPowerOfTen } from "./number.ts";

/** The greatest number on an axis: the length from its negative to it is a number too. */
const most = 8e307;

/** What an axis says. */
export interface Axis {
  /** Name and unit, such as `loss, nats`. */
  label: string;
  /** @defaultValue "linear" */
  type?: "linear" | "log";
  /** The least and greatest value. @defaultValue those of the data, rounded outwards for y */
  domain?: readonly [number, number];
  /** Text of a tick. */
  format?: (value: number) => string;
}

/** A place on an axis, in pixels, and its text; a minor tick has none. */
export interface Tick {
  value: number;
  at: number;
  text: string | undefined;
}

/** An axis laid along pixels. */
export interface Scale {
  /** Pixel of a value; NaN for NaN, and for what a logarithm does not take. */
  place(value: number): number;
  ticks: readonly Tick[];
  domain: readonly [number, number];
}

/** The least and greatest finite value, positive ones only for a logarithmic axis; `undefined` if there is none. */
export function extent(
  series: readonly ArrayLike<number>[],
  type: Axis["type"] = "linear",
): [number, number] | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value) || (type === "log" && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : undefined;
}

/**
 * Lays an axis from pixel `start` to pixel `end`.
 *
 * @param domain - From the data; one value is widened, and none becomes 0 to 1.
 * @param nice - Round the domain outwards to ticks.
 */
export function layAxis(
  axis: Axis,
  domain: readonly [number, number] | undefined,
  [start, end]: readonly [number, number],
  { count, nice }: { count: number; nice: boolean },
): Scale {
  const log = axis.type === "log";
  const range = widen(axis.domain ?? domain ?? (log ? [0.1, 1] : [0, 1]), log);
  const scale = log ? scaleLog(range, [start, end]) : scaleLinear(range, [start, end]);
  if (nice && axis.domain === undefined) {
    if (log) scale.nice();
    else (scale as ReturnType<typeof scaleLinear<number, number>>).nice(count);
  }
  const [low, high] = scale.domain();
  const place = (value: number) => (log && !(value > 0) ? NaN : (scale(value) ?? NaN));
  const decades = Math.log10(high / low);
  const powersOnly = log && decades >= 2;
  const every = Math.max(1, Math.ceil(decades / Math.max(count, 1)));
  const values = scale.ticks(count);
  const decimals = log ? undefined : Math.max(...values.map(decimalsOf));
  const ticks = values.map((value) => {
    const exponent = Math.round(Math.log10(value));
    const isPower = Math.abs(value / 10 ** exponent - 1) < 1e-9 && exponent % every === 0;
    const text = powersOnly ? (isPower ? formatPowerOfTen(exponent) : undefined) : formatTick(value, decimals);
    return { value, at: place(value), text: text === undefined ? undefined : (axis.format?.(value) ?? text) };
  });
  return { place, ticks, domain: [low, high] };
}

/** The name of an axis without its unit. */
export function nameOf({ label }: Axis): string {
  return label.replace(/,.*/, "");
}

/** `0.50`, `2,000`, `20k`, `1.5M`, with the decimals of the finest tick beside it. */
function formatTick(value: number, decimals: number | undefined): string {
  const size = Math.abs(value);
  if (size >= 1e6 && size < 1e9) return `${formatNumber(value / 1e6)}M`;
  if (size >= 1e4 && size < 1e6) return `${formatNumber(value / 1e3)}k`;
  if (decimals === undefined || decimals === 0 || decimals > 4) return formatNumber(rounded(value), 6);
  return value.toFixed(decimals).replace("-", "−");
}

function decimalsOf(value: number): number {
  return String(rounded(value)).replace(/e.*/, "").split(".")[1]?.length ?? 0;
}

/** Steps such as 0.1 add up to 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(10));
}

/** Ticks need a domain that is some, and whose length is a number. */
function widen([low, high]: readonly [number, number], log: boolean): [number, number] {
  const [least, greatest] = [Math.max(low, log ? 1e-300 : -most), Math.min(high, most)];
  // Between neighbours among the doubles there is no room for ticks.
  const size = Math.max(Math.abs(least), Math.abs(greatest));
  if (greatest - least > Math.max(size * 1e-12, 1e-290)) return [least, greatest];
  if (log) return [least / 2, least * 2];
  const margin = size < 1e-290 ? 1 : size / 10;
  return [least - margin, least + margin];
}
