/**
 * All strings that a text goes on from in two ways or more: the inner nodes of its suffix tree, found by sorting its suffixes
 * one character at a time and going into each group.
 *
 * SentencePiece builds a suffix array of the whole text. Since no piece crosses a word, that of the distinct words is
 * enough, if it is known what follows each; and no deeper than a piece may be long. Order and counts are the same.
 */

import { Int32List } from "./int32List.ts";
import { UNKNOWN } from "./pieceRule.ts";

/** Distinct words as code points, each followed by `-1 - number`. */
export interface MarkedWords {
  readonly points: Int32Array;
  /** By number: how often the word occurs. */
  readonly counts: Float64Array;
  /** By number: the code points that follow the word are `followers[from[number]]` to those of the next; 0 is the end. */
  readonly from: Int32Array;
  readonly followers: Int32Array;
}

/** A string that occurs repeatedly. */
export interface Repetitions {
  /** One place where each begins. */
  readonly places: Int32Array;
  readonly lengths: Int32Array;
  readonly counts: Float64Array;
}

/** From this size on a group is sorted by counting. */
const LARGE = 12;

/** Finds strings of 2 to `maxLength` characters, children before their parents and siblings in the order of code points. */
export function repeatedSubstrings(words: MarkedWords, maxLength: number): Repetitions {
  const search = new Search(words, maxLength);
  search.visit(0, search.suffixes.length, 0);
  const counts = Float64Array.from(search.counts);
  return {
    places: search.places.items.slice(0, search.places.length),
    lengths: search.lengths.items.slice(0, search.lengths.length),
    counts,
  };
}

class Search {
  readonly suffixes: Int32Array;
  readonly places = new Int32List();
  readonly lengths = new Int32List();
  readonly counts: number[] = [];
  readonly #words: MarkedWords;
  readonly #maxLength: number;
  /** How often the word at each place occurs. */
  readonly #weights: Float64Array;
  readonly #scratch: Int32Array;
  /** How many suffixes of a group go on with a code point; zero between groups. */
  readonly #tally = new Int32Array(0x110000);

  constructor(words: MarkedWords, maxLength: number) {
    const { points, counts } = words;
    this.#words = words;
    this.#maxLength = maxLength;
    this.#weights = new Float64Array(points.length);
    const suffixes = new Int32List();
    for (let place = 0, start = 0; place < points.length; place++) {
      if (points[place] >= 0) {
        suffixes.push(place);
        continue;
      }
      this.#weights.fill(counts[-1 - points[place]], start, place);
      start = place + 1;
    }
    this.suffixes = suffixes.items.slice(0, suffixes.length);
    this.#scratch = new Int32Array(this.suffixes.length);
  }

  /** Looks at the suffixes `from..to`, which have their first `depth` characters in common. */
  visit(from: number, to: number, depth: number): void {
    const { points } = this.#words;
    const { suffixes } = this;
    // As long as all go on the same way, there is nothing to sort.
    for (; depth <= this.#maxLength; depth++) {
      const next = points[suffixes[from] + depth];
      if (next < 0 || next === UNKNOWN) break;
      let at = from + 1;
      while (at < to && points[suffixes[at] + depth] === next) at++;
      if (at < to) break;
    }
    if (depth > this.#maxLength) return;
    if (depth < this.#maxLength) {
      if (to - from < LARGE) this.#insertionSort(from, to, depth);
      else this.#countingSort(from, to, depth);
      for (let start = from, end = from; start < to; start = end) {
        const point = points[suffixes[start] + depth];
        end = start + 1;
        if (point < 0) continue;
        while (end < to && points[suffixes[end] + depth] === point) end++;
        if (point !== UNKNOWN) this.visit(start, end, depth + 1);
      }
    }
    if (depth < 2 || !this.#branches(from, to, depth)) return;
    let count = 0;
    for (let at = from; at < to; at++) count += this.#weights[suffixes[at]];
    this.places.push(suffixes[from]);
    this.lengths.push(depth);
    this.counts.push(count);
  }

  /** Whether there are two ways to go on. */
  #branches(from: number, to: number, depth: number): boolean {
    const { points, from: first, followers } = this.#words;
    let way = -1;
    for (let at = from; at < to; at++) {
      const point = points[this.suffixes[at] + depth];
      if (point >= 0) {
        if (way >= 0 && point !== way) return true;
        way = point;
        continue;
      }
      const word = -1 - point;
      for (let i = first[word]; i < first[word + 1]; i++) {
        if (way >= 0 && followers[i] !== way) return true;
        way = followers[i];
      }
    }
    return false;
  }

  #insertionSort(from: number, to: number, depth: number): void {
    const { points } = this.#words;
    const { suffixes } = this;
    for (let at = from + 1; at < to; at++) {
      const suffix = suffixes[at];
      const point = points[suffix + depth];
      let place = at;
      for (; place > from && points[suffixes[place - 1] + depth] > point; place--)
        suffixes[place] = suffixes[place - 1];
      suffixes[place] = suffix;
    }
  }

  /** Those that end come first. */
  #countingSort(from: number, to: number, depth: number): void {
    const { points } = this.#words;
    const { suffixes } = this;
    const tally = this.#tally;
    const scratch = this.#scratch;
    const ways: number[] = [];
    let front = from;
    let rest = 0;
    for (let at = from; at < to; at++) {
      const suffix = suffixes[at];
      const point = points[suffix + depth];
      if (point < 0) suffixes[front++] = suffix;
      else {
        scratch[rest++] = suffix;
        if (tally[point]++ === 0) ways.push(point);
      }
    }
    ways.sort((a, b) => a - b);
    let start = front;
    for (const point of ways) {
      const size = tally[point];
      tally[point] = start;
      start += size;
    }
    for (let i = 0; i < rest; i++) {
      const suffix = scratch[i];
      suffixes[tally[points[suffix + depth]]++] = suffix;
    }
    for (const point of ways) tally[point] = 0;
  }
}
