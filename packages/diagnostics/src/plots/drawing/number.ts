/**
 * Numbers as a reader of a plot wants them: few digits, a true minus sign, and NaN and infinity by name.
 */

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A value in at most `digits` significant digits: `2.454`, `−0.01`, `8.2e−5`, `12,345`, `NaN`, `∞`.
 *
 * @param digits - 1 to 17.
 */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isSafeInteger(value) && size < 1e9) return minus(grouped(String(value)));
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
    return minus(`${trimZeros(mantissa)}e${exponent.replace("+", "")}`);
  }
  const rounded = value.toPrecision(Math.max(digits, Math.floor(Math.log10(size || 1)) + 1));
  return minus(grouped(trimZeros(rounded)));
}

/** A power of ten: `10⁻³`. */
export function formatPowerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** A share as percent: 0.0281 is `2.81 %`. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100, 3)} %`;
}

/** `1 value`, `12 values`. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}

function trimZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function grouped(digits: string): string {
  const [whole, fraction] = digits.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

function minus(digits: string): string {
  return digits.replaceAll("-", "−");
}
