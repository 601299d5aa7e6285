/**
 * Decomposition and composition of characters by Unicode 9, the version that Hugging Face's library normalizes by, whatever version the
 * JavaScript engine has: what decomposes and which marks combine is frozen; into what, which Unicode never changes, is asked of the engine.
 *
 * @see Unicode Standard Annex #15, "Unicode Normalization Forms"
 */

import { combiningClassRuns, decompositionRuns } from "./normalizationRuns.ts";

const CANONICAL = 1;
const COMPATIBLE = 2;

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const LEADING = 0x1100;
const VOWEL = 0x1161;
const TRAILING = 0x11a7;
const VOWELS = 21;
const TRAILINGS = 28;

interface Tables {
  /** Kind of decomposition by code point. */
  readonly kinds: Uint8Array;
  readonly combiningClasses: Uint8Array;
  /** What two characters compose to, by `first * 2 ** 21 + second`. */
  readonly compositions: ReadonlyMap<number, number>;
  /** Decompositions asked for so far, canonical ones and compatible ones. */
  readonly canonical: Map<number, readonly number[]>;
  readonly compatible: Map<number, readonly number[]>;
}

let tables: Tables | undefined;

/**
 * The full decomposition of a character, in the order of its code points; undefined if it stands for itself.
 *
 * @param isCompatible - Whether compatibility decompositions count (NFKD) or only canonical ones (NFD).
 */
export function decompositionOf(point: number, isCompatible: boolean): readonly number[] | undefined {
  const { kinds, canonical, compatible } = normalizationTables();
  if (point >= FIRST_SYLLABLE && point <= LAST_SYLLABLE) return jamosOf(point);
  const kind = kinds[point];
  if (kind === 0 || (kind === COMPATIBLE && !isCompatible)) return undefined;
  const known = isCompatible ? compatible : canonical;
  let decomposed = known.get(point);
  if (decomposed === undefined) {
    decomposed = pointsOf(String.fromCodePoint(point).normalize(isCompatible ? "NFKD" : "NFD"));
    known.set(point, decomposed);
  }
  return decomposed;
}

/** The canonical combining class of a character: 0 for those that others combine with. */
export function combiningClass(point: number): number {
  return normalizationTables().combiningClasses[point];
}

/** The character that two compose to, or -1. */
export function composed(first: number, second: number): number {
  if (first >= LEADING && first < LEADING + 19 && second >= VOWEL && second < VOWEL + VOWELS) {
    return FIRST_SYLLABLE + ((first - LEADING) * VOWELS + second - VOWEL) * TRAILINGS;
  }
  const isOpen = first >= FIRST_SYLLABLE && first <= LAST_SYLLABLE && (first - FIRST_SYLLABLE) % TRAILINGS === 0;
  if (isOpen && second > TRAILING && second < TRAILING + TRAILINGS) return first + second - TRAILING;
  return normalizationTables().compositions.get(pairKey(first, second)) ?? -1;
}

function jamosOf(syllable: number): number[] {
  const index = syllable - FIRST_SYLLABLE;
  const trailing = index % TRAILINGS;
  const jamos = [LEADING + Math.floor(index / (VOWELS * TRAILINGS)), VOWEL + (Math.floor(index / TRAILINGS) % VOWELS)];
  if (trailing > 0) jamos.push(TRAILING + trailing);
  return jamos;
}

function normalizationTables(): Tables {
  tables ??= buildTables();
  return tables;
}

function buildTables(): Tables {
  const kinds = new Uint8Array(0x110000);
  let point = 0;
  for (const [, length, kind] of decompositionRuns.matchAll(/([0-9a-z]*)([A-Z])/g)) {
    const end = point + (length === "" ? 1 : Number.parseInt(length, 36));
    if (kind !== "X") kinds.fill(kind === "C" ? CANONICAL : COMPATIBLE, point, end);
    point = end;
  }
  const combiningClasses = new Uint8Array(0x110000);
  point = 0;
  for (const run of combiningClassRuns.split(" ")) {
    const [distance, length, value] = run.split(",").map((number) => Number.parseInt(number, 36));
    combiningClasses.fill(value, point + distance, point + distance + length);
    point += distance + length;
  }
  return { kinds, combiningClasses, compositions: compositionsOf(kinds), canonical: new Map(), compatible: new Map() };
}

/** The pairs that compose: all that decompose canonically, but for those that Unicode excludes, which the engine leaves apart. */
function compositionsOf(kinds: Uint8Array): Map<number, number> {
  const compositions = new Map<number, number>();
  for (let point = 0; point < kinds.length; point++) {
    if (kinds[point] !== CANONICAL) continue;
    const character = String.fromCodePoint(point);
    const decomposed = [...character.normalize("NFD")];
    if (decomposed.length < 2) continue;
    const second = decomposed.pop()!;
    const first = decomposed.join("").normalize("NFC");
    if (pointsOf(first).length > 1 || (first + second).normalize("NFC") !== character) continue;
    compositions.set(pairKey(first.codePointAt(0)!, second.codePointAt(0)!), point);
  }
  return compositions;
}

function pairKey(first: number, second: number): number {
  return first * 2 ** 21 + second;
}

function pointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}
