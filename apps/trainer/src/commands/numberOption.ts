/**
 * Numbers on the command line: parsers for commander whose errors say what would have been right.
 */

import { UsageError } from "../usageError.ts";

/** A parser of integers from `min` to `max`. */
export function integerOption(
  flag: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return numberOption(
    flag,
    max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`,
    (value) => Number.isSafeInteger(value) && value >= min && value <= max,
  );
}

/** A parser of the decimal numbers for which `isRight` holds; `what` says it in words. */
export function numberOption(
  flag: string,
  what: string,
  isRight: (value: number) => boolean,
): (text: string) => number {
  return (text) => {
    // Number("") is 0 and Number("0x10") is 16, which nobody means here.
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (isRight(value)) return value;
    throw new UsageError(`expected ${flag} to be ${what}, got ${JSON.stringify(text)}`);
  };
}
