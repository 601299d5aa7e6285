/**
 * Learns the merges of byte-pair encoding from counted pieces (Sennrich et al. 2016, over bytes as in GPT-2): the pair of neighbours that
 * occurs most often becomes a token, wherever it stands, and so on.
 *
 * The merges are those of Hugging Face's BpeTrainer: overlapping pairs count each ("aaa" has two), of equal counts the smallest ids win,
 * and the ids of bytes are in the order of the characters that stand for them. A merge costs the places of its pair, found by
 * {@link PairTally}, not a look at the text; counts of the pairs beside it are added up by neighbour, and written down once each.
 */

import { PairQueue } from "./pairQueue.ts";
import { PairTally } from "./pairTally.ts";
import { bytesById, type PieceLayout } from "./pieceLayout.ts";

const BYTES = 256;

/** What {@link MergeLearner} may merge. */
export interface MergeRules {
  /** Largest number of merges. */
  readonly merges: number;
  /** Pairs that occur fewer times are not merged. */
  readonly minFrequency: number;
  /** Longer tokens are not made. */
  readonly maxTokenBytes: number;
  /** Whether a token of these bytes must not be made. */
  readonly isReserved: (bytes: Uint8Array) => boolean;
}

/** Merges, one at a time. */
export class MergeLearner {
  /** The bytes of each token by its id, as far as they have been learnt. */
  readonly tokens: Uint8Array[] = bytesById.map((byte) => Uint8Array.of(byte));
  readonly #rules: MergeRules;
  /** The tokens of all pieces. A token's id stands at its first and at its last byte; no id stands between pieces. */
  readonly #pieces: PieceLayout;
  readonly #lengths: Int32Array;
  readonly #pairs: PairTally;
  readonly #queue: PairQueue;
  /** Occurrences beside the tokens being merged, by neighbour: how often, and at how many places. */
  readonly #leftGain: Float64Array;
  readonly #rightGain: Float64Array;
  readonly #leftPlaces: Int32Array;
  readonly #rightPlaces: Int32Array;
  /** Places of the new pairs of one merge, and their neighbours: a left one as it is, the complement of a right one. */
  #newPlaces = new Int32Array(1 << 10);
  #newNeighbours = new Int32Array(1 << 10);

  constructor(pieces: PieceLayout, rules: MergeRules) {
    this.#rules = rules;
    this.#pieces = pieces;
    // A merge takes a symbol away at least.
    const size = BYTES + Math.min(rules.merges, pieces.symbols.length);
    this.#lengths = new Int32Array(size).fill(1, 0, BYTES);
    this.#leftGain = new Float64Array(size);
    this.#rightGain = new Float64Array(size);
    this.#leftPlaces = new Int32Array(size);
    this.#rightPlaces = new Int32Array(size);
    this.#pairs = new PairTally(pieces.symbols, this.#lengths);
    this.#queue = new PairQueue(this.#pairs, Math.max(1, rules.minFrequency));
    this.#tallyBytes();
  }

  /** Makes the next merge; false if there is none. */
  next(): boolean {
    const { tokens } = this;
    if (tokens.length - BYTES >= this.#rules.merges) return false;
    for (;;) {
      const pair = this.#queue.pop();
      if (pair < 0) return false;
      const left = tokens[this.#pairs.left[pair] as number] as Uint8Array;
      const right = tokens[this.#pairs.right[pair] as number] as Uint8Array;
      const token = new Uint8Array(left.length + right.length);
      token.set(left);
      token.set(right, left.length);
      if (this.#rules.isReserved(token)) this.#pairs.drop(pair);
      else {
        this.#merge(pair, token);
        return true;
      }
    }
  }

  /** Counts the pairs of bytes: a table of all that there can be. */
  #tallyBytes(): void {
    const { symbols, none, often, seldom } = this.#pieces;
    const counts = new Float64Array(BYTES * BYTES);
    const places = new Int32Array(BYTES * BYTES);
    for (let at = 1; at < symbols.length; at++) {
      const [left, right] = [symbols[at - 1] as number, symbols[at] as number];
      if (left === none || right === none) continue;
      (counts[left * BYTES + right] as number) += (
        at <= often.length ? often[at - 1] : seldom[at - 1 - often.length]
      ) as number;
      (places[left * BYTES + right] as number)++;
    }
    this.#pairs.reserve(places.reduce((sum, number) => sum + number, 0));
    const numbers = new Int32Array(BYTES * BYTES).fill(-1);
    for (let pair = 0; pair < numbers.length; pair++) {
      numbers[pair] = this.#addPair(pair >> 8, pair & 255, counts[pair] as number, places[pair] as number);
    }
    for (let at = 1; at < symbols.length; at++) {
      const [left, right] = [symbols[at - 1] as number, symbols[at] as number];
      if (left === none || right === none) continue;
      const number = numbers[left * BYTES + right] as number;
      if (number >= 0) this.#pairs.places[(this.#pairs.to[number] as number)++] = at - 1;
    }
  }

  #merge(pair: number, token: Uint8Array): void {
    const { places, from, to, left, right } = this.#pairs;
    const [a, b] = [left[pair] as number, right[pair] as number];
    const id = this.tokens.push(token) - 1;
    this.#lengths[id] = token.length;
    const { symbols, none, often, seldom } = this.#pieces;
    const lengths = this.#lengths;
    const [aLength, bLength] = [lengths[a] as number, lengths[b] as number];
    const [leftGain, rightGain, leftPlaces, rightPlaces] = [
      this.#leftGain,
      this.#rightGain,
      this.#leftPlaces,
      this.#rightPlaces,
    ];
    const most = (to[pair] as number) - (from[pair] as number);
    if (this.#newPlaces.length < 2 * most) {
      this.#newPlaces = new Int32Array(2 * most);
      this.#newNeighbours = new Int32Array(2 * most);
    }
    const neighbours: number[] = [];
    let added = 0;
    let twice = 0;
    for (let index = from[pair] as number; index < (to[pair] as number); index++) {
      const place = places[index] as number;
      const second = place + aLength;
      if (symbols[place] !== a || symbols[second] !== b) continue;
      const after = second + bLength;
      const before = symbols[place - 1] as number;
      const next = symbols[after] as number;
      const weight = (place < often.length ? often[place] : seldom[place - often.length]) as number;
      if (bLength > 1) symbols[second] = none;
      symbols[place] = symbols[after - 1] = id;
      if (before === id) twice += weight;
      if (before !== none) {
        if (leftGain[before] === 0 && rightGain[before] === 0) neighbours.push(before);
        (leftGain[before] as number) += weight;
        (leftPlaces[before] as number)++;
        this.#newPlaces[added] = place - (lengths[before] as number);
        this.#newNeighbours[added++] = before;
      }
      if (next !== none) {
        if (leftGain[next] === 0 && rightGain[next] === 0) neighbours.push(next);
        (rightGain[next] as number) += weight;
        (rightPlaces[next] as number)++;
        this.#newPlaces[added] = place;
        this.#newNeighbours[added++] = ~next;
      }
    }
    this.#pairs.drop(pair);
    for (const neighbour of neighbours) {
      if (neighbour !== id) this.#lessen(neighbour, a, leftGain[neighbour] as number);
      this.#lessen(b, neighbour, rightGain[neighbour] as number);
    }
    // Where the next token was merged too, its first half was a neighbour for a while.
    (rightGain[a] as number) -= twice;
    this.#addPairs(id, neighbours, added);
  }

  /** Takes occurrences off a pair. */
  #lessen(left: number, right: number, by: number): void {
    if (by === 0) return;
    const pair = this.#pairs.find(left, right);
    if (pair >= 0) (this.#pairs.count[pair] as number) -= by;
  }

  /** Adds the pairs of a new token and its neighbours, with their places. */
  #addPairs(id: number, neighbours: readonly number[], added: number): void {
    const [leftGain, rightGain, leftPlaces, rightPlaces] = [
      this.#leftGain,
      this.#rightGain,
      this.#leftPlaces,
      this.#rightPlaces,
    ];
    this.#pairs.reserve(added);
    for (const neighbour of neighbours) {
      // From here on the numbers of the new pairs stand where their numbers of places stood.
      leftPlaces[neighbour] = this.#addPair(
        neighbour,
        id,
        leftGain[neighbour] as number,
        leftPlaces[neighbour] as number,
      );
      rightPlaces[neighbour] = this.#addPair(
        id,
        neighbour,
        rightGain[neighbour] as number,
        rightPlaces[neighbour] as number,
      );
    }
    const { places, to } = this.#pairs;
    for (let index = 0; index < added; index++) {
      const neighbour = this.#newNeighbours[index] as number;
      const pair = neighbour >= 0 ? (leftPlaces[neighbour] as number) : (rightPlaces[~neighbour] as number);
      if (pair >= 0) places[(to[pair] as number)++] = this.#newPlaces[index] as number;
    }
    for (const neighbour of neighbours) {
      leftGain[neighbour] = rightGain[neighbour] = leftPlaces[neighbour] = rightPlaces[neighbour] = 0;
    }
  }

  /** Adds a pair if it may ever be merged: counts only fall. Gives its number, or -1. */
  #addPair(left: number, right: number, count: number, places: number): number {
    const { minFrequency, maxTokenBytes } = this.#rules;
    const length = (this.#lengths[left] as number) + (this.#lengths[right] as number);
    if (count < Math.max(1, minFrequency) || length > maxTokenBytes) return -1;
    const pair = this.#pairs.add(left, right, count, places);
    this.#queue.push(pair);
    return pair;
  }
}
