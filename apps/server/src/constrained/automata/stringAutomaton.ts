/**
 * JSON strings of any content, their quotes included: valid UTF-8 without raw control characters, and every escape of JSON; a `\u` escape of
 * a surrogate comes as one of a pair.
 *
 * The number of characters (code points, a pair of escapes being one) is part of the state instead of a copy of the states for each number.
 * All such automata are of one family, so that a vocabulary's masks of them are found once, whatever the schema.
 *
 * @see RFC 8259, section 7; RFC 3629, section 4
 */

import { type ByteAutomaton, DEAD } from "./byteAutomaton.ts";

/** Where in a string a state is. */
const phases = [
  "begin", "content", "end", "escape",
  "hex1", "hex2", "hex2AfterD", "hex3", "hex4",
  "high3", "high4", "lowBackslash", "lowU", "low1", "low2",
  "last", "two", "three", "afterE0", "afterED", "afterF0", "afterF4",
] as const; // prettier-ignore

type Phase = (typeof phases)[number];
const COUNT = phases.length;
const numberOf = (phase: Phase): number => phases.indexOf(phase);
const BEGIN = numberOf("begin");
const CONTENT = numberOf("content");
const END = numberOf("end");

/** The phase after each byte in each phase: row `phase * 256`. */
const table = transitions();

/** One key for all: see {@link ByteAutomaton.family}. */
const family = { name: "strings" };

/** A longer text than anybody generates: a larger limit is none. */
const MOST_CHARACTERS = 10_000_000;

/** JSON strings with a number of characters from `min` to `max`. A state is a phase and the number of whole characters so far. */
export class StringAutomaton implements ByteAutomaton {
  readonly start: number = BEGIN;
  readonly family: object = family;
  readonly #min: number;
  readonly #max: number;
  /** Numbers above make no difference. */
  readonly #cap: number;

  /** @param min - From 0 to 10 million. */
  constructor(min = 0, max = Infinity) {
    this.#min = min;
    this.#max = max > MOST_CHARACTERS ? Infinity : max;
    this.#cap = this.#max === Infinity ? min : this.#max;
  }

  /** What a state is whatever the number of characters. */
  static phaseOf(state: number): number {
    return state % COUNT;
  }

  next(state: number, byte: number): number {
    const phase = state % COUNT;
    const next = table[phase * 256 + byte];
    if (next === DEAD) return DEAD;
    if (phase === CONTENT) {
      const count = (state - phase) / COUNT;
      if (next === END) return count < this.#min ? DEAD : END;
      if (count === this.#max) return DEAD;
      if (next !== CONTENT) return state - phase + next;
      return this.#oneMore(state - phase);
    }
    if (next === CONTENT && phase !== BEGIN) return this.#oneMore(state - phase);
    return state - phase + next;
  }

  isAccepting(state: number): boolean {
    return state === END;
  }

  hasNext(state: number): boolean {
    return state !== END;
  }

  canonical(state: number, longest: number): number {
    const phase = state % COUNT;
    const count = (state - phase) / COUNT;
    const missing = Math.min(Math.max(this.#min - count, 0), longest + 1);
    const room = Math.min(this.#max - count, longest + 1);
    return phase + COUNT * (missing + (longest + 2) * room);
  }

  #oneMore(base: number): number {
    return (base >= this.#cap * COUNT ? base : base + COUNT) + CONTENT;
  }
}

function transitions(): Int8Array {
  const rows = new Int8Array(COUNT * 256).fill(DEAD);
  const lead = (phase: Phase, ranges: readonly (readonly [number, number])[], next: Phase): void => {
    for (const [low, high] of ranges)
      rows.fill(numberOf(next), numberOf(phase) * 256 + low, numberOf(phase) * 256 + high + 1);
  };
  const characters = (phase: Phase, list: string, next: Phase): void =>
    lead(
      phase,
      Array.from(list, (character) => [character.charCodeAt(0), character.charCodeAt(0)]),
      next,
    );
  const hexadecimal = "0123456789abcdefABCDEF";

  characters("begin", '"', "content");
  lead("content", [[0x20, 0x7f]], "content");
  characters("content", '"', "end");
  characters("content", "\\", "escape");
  characters("escape", '"\\/bfnrt', "content");
  characters("escape", "u", "hex1");
  characters("hex1", hexadecimal, "hex2");
  characters("hex1", "dD", "hex2AfterD");
  characters("hex2", hexadecimal, "hex3");
  characters("hex3", hexadecimal, "hex4");
  characters("hex4", hexadecimal, "content");
  // D800 to DBFF, and then DC00 to DFFF.
  characters("hex2AfterD", "01234567", "hex3");
  characters("hex2AfterD", "89abAB", "high3");
  characters("high3", hexadecimal, "high4");
  characters("high4", hexadecimal, "lowBackslash");
  characters("lowBackslash", "\\", "lowU");
  characters("lowU", "u", "low1");
  characters("low1", "dD", "low2");
  characters("low2", "cdefCDEF", "hex3");

  const continuation: readonly [number, number] = [0x80, 0xbf];
  lead("content", [[0xc2, 0xdf]], "last");
  lead("content", [[0xe1, 0xec], [0xee, 0xef]], "two"); // prettier-ignore
  lead("content", [[0xf1, 0xf3]], "three");
  lead("content", [[0xe0, 0xe0]], "afterE0");
  lead("content", [[0xed, 0xed]], "afterED");
  lead("content", [[0xf0, 0xf0]], "afterF0");
  lead("content", [[0xf4, 0xf4]], "afterF4");
  lead("last", [continuation], "content");
  lead("two", [continuation], "last");
  lead("three", [continuation], "two");
  lead("afterE0", [[0xa0, 0xbf]], "last");
  lead("afterED", [[0x80, 0x9f]], "last");
  lead("afterF0", [[0x90, 0xbf]], "two");
  lead("afterF4", [[0x80, 0x8f]], "two");
  return rows;
}
