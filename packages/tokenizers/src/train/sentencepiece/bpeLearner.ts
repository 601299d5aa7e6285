/**
 * Byte-pair encoding as SentencePiece trains it: the most frequent pair of neighbouring symbols becomes a piece, again and
 * again.
 *
 * The best pair is looked for among the active ones only: every hundred pieces the most frequent twentieth of all pairs,
 * and those that came up since. A pair that spells a piece there is already is dropped without being merged. What the
 * original leaves to the order of its hash table is decided as there. It differs in how it counts: frequencies are kept up
 * to date as symbols are merged, where the original walks through all occurrences again.
 *
 * Follows `bpe_model_trainer.cc` of SentencePiece 0.1.97.
 */

import { ActiveQueue } from "./activeQueue.ts";
import { Int32List } from "./int32List.ts";
import { Occurrences } from "./occurrences.ts";
import { moveLargestToFront } from "./partialSort.ts";
import type { PieceRule } from "./pieceRule.ts";
import { COUNTED, isUnknown, Symbols, TWIN } from "./symbols.ts";
import type { TrainingText } from "./trainingText.ts";

/** After so many pieces the active pairs are chosen anew. */
const RENEWAL = 100;
const LEAST_ACTIVE = 1000;
const ACTIVE_SHARE: number = Math.fround(0.05);
const NONE = -1;

/** Learns one piece after the other. */
export class BpeLearner {
  /** The pieces so far, in order. */
  readonly pieces: string[] = [];
  readonly #symbols: Symbols;
  readonly #occurrences = new Occurrences();
  readonly #active: ActiveQueue;
  readonly #known = new Set<string>();
  /** The symbol in each cell of the text; -1 where it was merged into the one before. */
  readonly #cells: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** How often the sentence of each cell occurs. */
  readonly #weights: Float64Array;
  /** Twins that are to be counted again. */
  #stale = new Set<number>();
  /** Pairs that came up since the last piece. */
  readonly #fresh = new Int32List();
  #isFresh = new Uint8Array(256);

  constructor({ size, points, starts, counts }: TrainingText, rule: PieceRule) {
    const symbols = new Symbols(rule);
    this.#symbols = symbols;
    this.#active = new ActiveQueue(symbols);
    const length = starts[size];
    this.#cells = new Int32Array(length);
    this.#next = new Int32Array(length);
    this.#previous = new Int32Array(length);
    this.#weights = new Float64Array(length);
    for (let at = 0; at < length; at++) {
      this.#cells[at] = symbols.character(points[at]);
      this.#next[at] = at + 1;
      this.#previous[at] = at - 1;
    }
    for (let sentence = 0; sentence < size; sentence++) {
      const start = starts[sentence];
      const end = starts[sentence + 1];
      if (start === end) continue;
      this.#previous[start] = NONE;
      this.#next[end - 1] = NONE;
      this.#weights.fill(counts[sentence], start, end);
      for (let at = start + 1; at < end; at++) this.#addPair(at - 1, at);
    }
  }

  /** Learns one more piece; `false` if the text gives none. */
  learn(): boolean {
    for (;;) {
      if (this.pieces.length % RENEWAL === 0) this.#renewActive();
      else this.#activateFresh();
      const best = this.#active.take();
      if (best === NONE) return false;
      const piece = this.#symbols.spell(best);
      if (this.#known.has(piece)) {
        this.#symbols.remove(best);
        continue;
      }
      this.#known.add(piece);
      this.pieces.push(piece);
      this.#merge(best);
      this.#symbols.remove(best);
      return true;
    }
  }

  #merge(best: number): void {
    const cells = this.#cells;
    const next = this.#next;
    const previous = this.#previous;
    const left = this.#symbols.left.items[best];
    const right = this.#symbols.right.items[best];
    for (let entry = this.#occurrences.first(best); entry !== NONE; entry = this.#occurrences.next(entry)) {
      const at = this.#occurrences.place(entry);
      const merged = next[at];
      if (cells[at] !== left || merged === NONE || cells[merged] !== right) continue;
      const before = previous[at];
      const after = next[merged];
      if (before !== NONE) this.#removePair(before, at, best);
      if (after !== NONE) this.#removePair(merged, after, best);
      cells[at] = best;
      cells[merged] = NONE;
      next[at] = after;
      if (after !== NONE) previous[after] = at;
      if (before !== NONE) this.#addPair(before, at);
      if (after !== NONE) this.#addPair(at, after);
    }
  }

  #addPair(at: number, after: number): void {
    const symbols = this.#symbols;
    const left = this.#cells[at];
    const right = this.#cells[after];
    if (isUnknown(symbols, left) || isUnknown(symbols, right)) return;
    const symbol = symbols.pair(left, right, false);
    if (symbol < 0) return;
    this.#occurrences.add(symbol, at);
    if (symbols.kinds.items[symbol] === COUNTED) symbols.frequencies[symbol] += this.#weights[at];
    else if (symbols.kinds.items[symbol] === TWIN) this.#stale.add(symbol);
    this.#noteFresh(symbol);
  }

  /** Uncounts a pair that one of its symbols leaves. */
  #removePair(at: number, after: number, best: number): void {
    const symbols = this.#symbols;
    const left = this.#cells[at];
    const right = this.#cells[after];
    if (isUnknown(symbols, left) || isUnknown(symbols, right)) return;
    const symbol = symbols.pair(left, right, true);
    if (symbol < 0 || symbol === best) return;
    if (symbols.kinds.items[symbol] === COUNTED) symbols.frequencies[symbol] -= this.#weights[at];
    else if (symbols.kinds.items[symbol] === TWIN) this.#stale.add(symbol);
  }

  #noteFresh(symbol: number): void {
    if (symbol >= this.#isFresh.length) {
      const larger = new Uint8Array(2 * symbol);
      larger.set(this.#isFresh);
      this.#isFresh = larger;
    }
    if (this.#isFresh[symbol] === 1) return;
    this.#isFresh[symbol] = 1;
    this.#fresh.push(symbol);
  }

  #forgetFresh(): void {
    for (let i = 0; i < this.#fresh.length; i++) this.#isFresh[this.#fresh.items[i]] = 0;
    this.#fresh.length = 0;
  }

  #activateFresh(): void {
    for (const symbol of this.#stale) {
      if (this.#isFresh[symbol] === 1 || this.#active.has(symbol)) this.#countTwin(symbol);
    }
    for (let i = 0; i < this.#fresh.length; i++) {
      const symbol = this.#fresh.items[i];
      if (!this.#active.has(symbol)) this.#active.add(symbol);
    }
    this.#forgetFresh();
  }

  /** Chooses the active pairs: the most frequent ones. */
  #renewActive(): void {
    for (const symbol of this.#stale) this.#countTwin(symbol);
    this.#forgetFresh();
    const { open, left, frequencies } = this.#symbols;
    const pairs = new Int32Array(open.size);
    let length = 0;
    for (let symbol = open.first; symbol !== NONE; symbol = open.next[symbol]) {
      if (left.items[symbol] !== NONE) pairs[length++] = symbol;
    }
    const share = Math.trunc(Math.fround(Math.fround(open.size) * ACTIVE_SHARE));
    const count = Math.min(Math.max(LEAST_ACTIVE, share), length);
    moveLargestToFront(pairs, length, count, frequencies);
    this.#active.replace(pairs, count);
  }

  /** Counts a twin's occurrences; one that overlaps with that before it goes for good, as in the original. */
  #countTwin(symbol: number): void {
    const cells = this.#cells;
    const next = this.#next;
    const part = this.#symbols.left.items[symbol];
    let frequency = 0;
    let counted = NONE;
    for (let entry = this.#occurrences.first(symbol), before = NONE; entry !== NONE;) {
      const following = this.#occurrences.next(entry);
      const at = this.#occurrences.place(entry);
      if (at !== counted && cells[at] === part && next[at] !== NONE && cells[next[at]] === part) {
        frequency += this.#weights[at];
        counted = next[at];
        before = entry;
      } else {
        this.#occurrences.remove(symbol, entry, before);
        counted = NONE;
      }
      entry = following;
    }
    this.#symbols.frequencies[symbol] = frequency;
    this.#stale.delete(symbol);
  }
}
