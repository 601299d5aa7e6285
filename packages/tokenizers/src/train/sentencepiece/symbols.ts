/**
 * The symbols of BPE training: characters, and pairs of symbols that have been seen side by side.
 *
 * A pair is looked up by its parts. The table of those that may still be merged has the order of the original's, see
 * `hashOrder.ts`.
 */

import { computePairFingerprint, fingerprint } from "./fingerprint.ts";
import { HashOrder } from "./hashOrder.ts";
import { Int32List } from "./int32List.ts";
import { type PieceRule, UNKNOWN } from "./pieceRule.ts";
import { spell } from "./trainingText.ts";

/** Its frequency is kept up to date. */
export const COUNTED = 0;
/** Both parts are the same, so that occurrences may overlap: it is counted again when it is looked at. */
export const TWIN = 1;
/** Was taken out and has come back without its occurrences; its frequency stays 0. */
const GHOST = 2;

const ABSENT = -1;
const FORBIDDEN = -2;

/** Symbols by number. */
export class Symbols {
  readonly left: Int32List = new Int32List();
  readonly right: Int32List = new Int32List();
  /** Where the symbol's characters begin in {@link points}; the next one's are their end. */
  readonly starts: Int32List = new Int32List();
  readonly points: Int32List = new Int32List();
  readonly kinds: Int32List = new Int32List();
  frequencies: Float64Array = new Float64Array(256);
  /** Characters, and pairs that may be merged. */
  readonly open: HashOrder = new HashOrder();
  readonly #high = new Int32List();
  readonly #low = new Int32List();
  readonly #characters = new Map<number, number>();
  readonly #rule: PieceRule;
  // Open addressing: keys are pairs, values symbols or ABSENT or FORBIDDEN. A free slot has the key -1.
  #keys = new Float64Array(1 << 12).fill(-1);
  #values = new Int32Array(1 << 12);
  #used = 0;

  constructor(rule: PieceRule) {
    this.#rule = rule;
    this.starts.push(0);
  }

  get size(): number {
    return this.left.length;
  }

  /** The symbol of a character. */
  character(point: number): number {
    let symbol = this.#characters.get(point);
    if (symbol === undefined) {
      this.points.push(point);
      symbol = this.#add(-1, -1, 0, point, COUNTED);
      this.#characters.set(point, symbol);
    }
    return symbol;
  }

  /**
   * The symbol of a pair, made if there is none.
   *
   * @param isGhost - Whether it is a ghost if it has to be made.
   * @returns A negative number if the pair may be no piece.
   */
  pair(left: number, right: number, isGhost: boolean): number {
    const key = left * 2 ** 26 + right;
    let slot = this.#slotOf(key);
    if (this.#keys[slot] === key) {
      if (this.#values[slot] !== ABSENT) return this.#values[slot];
    } else {
      if (2 * ++this.#used > this.#keys.length) {
        this.#grow();
        slot = this.#slotOf(key);
      }
      this.#keys[slot] = key;
    }
    const symbol = this.#addPair(left, right, isGhost);
    this.#values[slot] = symbol;
    return symbol;
  }

  /** Takes a pair out. */
  remove(symbol: number): void {
    this.open.remove(symbol);
    this.#values[this.#slotOf(this.left.items[symbol] * 2 ** 26 + this.right.items[symbol])] = ABSENT;
  }

  /** Number of the symbol's characters. */
  lengthOf(symbol: number): number {
    return this.starts.items[symbol + 1] - this.starts.items[symbol];
  }

  /** Its spelling. */
  spell(symbol: number): string {
    const { items } = this.starts;
    return spell(this.points.items, items[symbol], items[symbol + 1]);
  }

  #addPair(left: number, right: number, isGhost: boolean): number {
    const starts = this.starts.items;
    const before = this.points.length;
    for (const part of [left, right]) {
      for (let at = starts[part]; at < starts[part + 1]; at++) this.points.push(this.points.items[at]);
    }
    if (!this.#rule.allows(this.points.items, before, this.points.length)) {
      this.points.length = before;
      return FORBIDDEN;
    }
    const high = this.#high.items;
    const low = this.#low.items;
    computePairFingerprint(high[left], low[left], high[right], low[right]);
    const kind = isGhost ? GHOST : left === right ? TWIN : COUNTED;
    return this.#add(left, right, fingerprint.high, fingerprint.low, kind);
  }

  #add(left: number, right: number, high: number, low: number, kind: number): number {
    const symbol = this.left.length;
    if (symbol === 2 ** 26)
      throw new RangeError("trainSentencePiece: expected at most 2^26 pairs; set inputSentenceSize");
    this.left.push(left);
    this.right.push(right);
    this.#high.push(high);
    this.#low.push(low);
    this.kinds.push(kind);
    this.starts.push(this.points.length);
    if (symbol === this.frequencies.length) {
      const larger = new Float64Array(2 * symbol);
      larger.set(this.frequencies);
      this.frequencies = larger;
    }
    this.open.insert(symbol, high, low);
    return symbol;
  }

  #slotOf(key: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    const mixed = Math.imul((key / 2 ** 26) | 0, 0x9e3779b1) ^ Math.imul((key % 2 ** 26) | 0, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (keys[slot] !== key && keys[slot] >= 0) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Float64Array(2 * keys.length).fill(-1);
    this.#values = new Int32Array(2 * keys.length);
    keys.forEach((key, old) => {
      if (key < 0) return;
      const slot = this.#slotOf(key);
      this.#keys[slot] = key;
      this.#values[slot] = values[old];
    });
  }
}

/** Whether a symbol is the unknown character, which is merged with nothing. */
export function isUnknown(symbols: Symbols, symbol: number): boolean {
  return symbols.points.items[symbols.starts.items[symbol]] === UNKNOWN;
}
