/**
 * JSON numbers. Digits are limited, since a model that has begun to repeat one would never end: 16 digits before and after the point, two in
 * an exponent. Numbers with bounds have no exponent and 15 digits at most, which is as many as tell doubles apart, so that a number that is
 * within its bounds as a decimal is so as a double.
 */

import type { Budget } from "../budget.ts";
import type { TableAutomaton } from "./byteAutomaton.ts";
import { ByteNfa } from "./byteNfa.ts";
import { byte, choice, optional, type Regular, repeat, sequence } from "./regular.ts";

const MOST_DIGITS = 16;
/** Significant digits by which every double of them is another. */
const EXACT_DIGITS = 15;
const digit = byte(0x30, 0x39);
const positive = sequence(byte(0x31, 0x39), repeat(digit, 0, MOST_DIGITS - 1));

/** Integers without bounds; zero has no sign. */
export const anyInteger: Regular = choice("0", sequence(optional("-"), positive));

/** Numbers without bounds. */
export const anyNumber: Regular = sequence(
  optional("-"),
  choice("0", positive),
  optional(sequence(".", repeat(digit, 1, MOST_DIGITS))),
  optional(sequence(choice("e", "E"), optional(choice("+", "-")), repeat(digit, 1, 2))),
);

/** A bound of numbers. */
export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

/** The digits of a number that is not negative, and whether the number itself is outside. */
interface Digits {
  readonly whole: string;
  readonly fraction: string;
  readonly isExclusive: boolean;
}

/**
 * Numbers between two bounds, either of which may be absent.
 *
 * @returns `undefined` if there are none.
 */
export function boundedNumbers(
  low: Bound | undefined,
  high: Bound | undefined,
  isInteger: boolean,
  budget: Budget,
): TableAutomaton | undefined {
  const nfa = new ByteNfa(budget);
  if (high === undefined || high.value >= 0) {
    // Zero itself, and all above.
    const least = low === undefined || low.value < 0 ? zero(false) : digitsOf(low);
    addBetween(nfa, nfa.start, least, high && digitsOf(high), isInteger);
  }
  if (low === undefined || low.value < 0) {
    const minus = nfa.state();
    nfa.edge(nfa.start, 0x2d, 0x2d, minus);
    const least = high === undefined || high.value >= 0 ? zero(true) : digitsOf(high);
    addBetween(nfa, minus, least, low && digitsOf(low), isInteger);
  }
  return nfa.determinized();
}

/** Adds the numbers from `low` to `high`, neither negative, for every number of digits before the point. */
function addBetween(nfa: ByteNfa, from: number, low: Digits, high: Digits | undefined, isInteger: boolean): void {
  const most = isInteger ? MOST_DIGITS : EXACT_DIGITS;
  for (let whole = 1; whole <= most; whole++) {
    if (low.whole.length > whole || (high !== undefined && high.whole.length < whole)) continue;
    addDigits(nfa, from, {
      whole,
      fraction: isInteger ? 0 : EXACT_DIGITS - whole,
      low: low.whole.length === whole ? low : undefined,
      high: high !== undefined && high.whole.length === whole ? high : undefined,
    });
  }
}

/** Numbers of so many digits, and the bounds that have as many before the point; another bound is kept by that alone. */
interface Layout {
  readonly whole: number;
  readonly fraction: number;
  readonly low: Digits | undefined;
  readonly high: Digits | undefined;
}

/** Follows the digits, and by each bound whether they are still its own. */
function addDigits(nfa: ByteNfa, from: number, { whole, fraction, low, high }: Layout): void {
  const states = new Map<string, number>();
  const stateOf = (at: number, isLow: boolean, isHigh: boolean): number => {
    const key = `${at},${isLow},${isHigh}`;
    let state = states.get(key);
    if (state === undefined) {
      state = nfa.state();
      states.set(key, state);
      addFrom(state, at, isLow, isHigh);
    }
    return state;
  };
  const addFrom = (state: number, at: number, isLow: boolean, isHigh: boolean): void => {
    const isWhole = at >= whole;
    if (isWhole && at !== whole + 1) {
      const isAbove = !isLow || (!hasRest(low!, at - whole) && !low!.isExclusive);
      const isBelow = !isHigh || hasRest(high!, at - whole) || !high!.isExclusive;
      if (isAbove && isBelow) nfa.free(state, nfa.end);
    }
    if (at === whole) {
      if (fraction > 0) nfa.edge(state, 0x2e, 0x2e, stateOf(at + 1, isLow, isHigh));
      return;
    }
    if (at === whole + 1 + fraction) return;
    const least = isLow ? digitAt(low!, at, whole) : at === 0 && whole > 1 ? 1 : 0;
    const most = isHigh ? digitAt(high!, at, whole) : 9;
    for (let value = least; value <= most; value++) {
      const next = stateOf(at + 1, isLow && value === least, isHigh && value === most);
      nfa.edge(state, 0x30 + value, 0x30 + value, next);
    }
  };
  nfa.free(from, stateOf(0, low !== undefined, high !== undefined));
}

/** The digit at a place of the text, in which the point has one too. */
function digitAt({ whole, fraction }: Digits, at: number, length: number): number {
  return Number(at < length ? whole[at] : (fraction[at - length - 1] ?? "0"));
}

/** Whether digits other than zero follow, `after` places after the last digit before the point. */
function hasRest({ fraction }: Digits, after: number): boolean {
  return /[1-9]/.test(fraction.slice(Math.max(after - 1, 0)));
}

function zero(isExclusive: boolean): Digits {
  return { whole: "0", fraction: "", isExclusive };
}

/** The shortest decimal that is the double, its sign left out. */
function digitsOf({ value, isExclusive }: Bound): Digits {
  const [mantissa, exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return { whole: "0", fraction: "0".repeat(-point) + digits, isExclusive };
  const padded = digits.padEnd(point, "0");
  return { whole: padded.slice(0, point), fraction: padded.slice(point), isExclusive };
}
