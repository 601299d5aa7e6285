/**
 * Counts as bytes, and back. Numbers are LEB128 (seven bits per byte, the lowest first), so that the many small ones take
 * a byte each:
 *
 *     "NGRAMS1\n", order, vocabSize, boundary + 1 (0: none)
 *     count of each token                                                     [vocabSize]
 *     for each length from 2 to order, for each gram one shorter, in order:
 *         how many continuations it has, and for each, ascending:
 *             its token minus (the last one's + 1), its count
 *
 * A file is read with every number checked. What it makes the reader allocate is bounded by its length: each element
 * stands in it with at least a byte.
 */

import { type GramLevel, GramTrie } from "./gramTrie.ts";

const MAGIC = "NGRAMS1\n";

/** @returns the file. */
export function encodeCounts(trie: GramTrie, boundary: number | undefined): Uint8Array {
  const writer = new Writer();
  for (const character of MAGIC) writer.number(character.charCodeAt(0));
  writer.number(trie.order);
  writer.number(trie.vocabSize);
  writer.number(boundary === undefined ? 0 : boundary + 1);
  for (const count of trie.levels[1].counts) writer.number(count);
  for (let k = 2; k <= trie.order; k++) {
    const { children } = trie.levels[k - 1];
    const { tokens, counts } = trie.levels[k];
    for (let parent = 0; parent + 1 < children.length; parent++) {
      writer.number(children[parent + 1] - children[parent]);
      let next = 0;
      for (let node = children[parent]; node < children[parent + 1]; node++) {
        writer.number(tokens[node] - next);
        writer.number(counts[node]);
        next = tokens[node] + 1;
      }
    }
  }
  return writer.bytes();
}

/** @throws RangeError naming what is wrong with the file. */
export function decodeCounts(bytes: Uint8Array): { trie: GramTrie; boundary: number | undefined } {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`NGramCounts.fromBytes: expected a Uint8Array, got ${typeof bytes}`);
  }
  const reader = new Reader(bytes);
  for (const character of MAGIC) {
    if (reader.atEnd || reader.number(255, "the first bytes") !== character.charCodeAt(0)) {
      throw invalid(`a file that begins with ${JSON.stringify(MAGIC)}`, "another");
    }
  }
  const order = reader.number(32, "order");
  if (order < 1) throw invalid("an order from 1 to 32", "0");
  // Each token's count is at least a byte.
  const V = reader.number(Math.min(2 ** 24, reader.left), "vocabSize");
  if (V < 1) throw invalid("a vocabSize of at least 1", "0");
  const boundary = reader.number(V, "boundary");
  const unigrams = Uint32Array.from({ length: V }, () => reader.number(MAX_COUNT, "a count"));
  const total = unigrams.reduce((sum, count) => sum + count, 0);
  if (total < 1 || total > MAX_COUNT) throw invalid("from 1 to 2^32 - 1 tokens", `${total}`);
  const levels: GramLevel[] = [
    { tokens: new Uint32Array(1), counts: Uint32Array.of(total), children: Uint32Array.of(0, V) },
  ];
  let last: Omit<GramLevel, "children"> = { tokens: Uint32Array.from(unigrams.keys()), counts: unigrams };
  for (let k = 2; k <= order; k++) {
    const { children, ...next } = readLevel(reader, last.tokens.length, V);
    levels.push({ ...last, children });
    last = next;
  }
  levels.push({ ...last, children: new Uint32Array(0) });
  if (!reader.atEnd) throw invalid("nothing after the last gram", `${reader.left} bytes`);
  const trie = new GramTrie(V, levels);
  checkSuffixes(trie);
  return { trie, boundary: boundary === 0 ? undefined : boundary - 1 };
}

/** The grams of one length, and how they belong to the `parents` grams one shorter. */
function readLevel(reader: Reader, parents: number, V: number): GramLevel {
  const children = new Uint32Array(parents + 1);
  const tokens = new Uint32List(reader.left / 2);
  const counts = new Uint32List(reader.left / 2);
  for (let parent = 0; parent < parents; parent++) {
    const size = reader.number(V, "a number of continuations");
    let next = 0;
    for (let i = 0; i < size; i++) {
      const token = next + reader.number(V - 1 - next, "a token");
      tokens.push(token);
      counts.push(reader.number(MAX_COUNT, "a count"));
      next = token + 1;
    }
    children[parent + 1] = tokens.size;
  }
  return { children, tokens: tokens.values(), counts: counts.values() };
}

/** The end of each gram is counted at least as often as the gram: smoothing relies on it being there. */
function checkSuffixes(trie: GramTrie): void {
  for (let k = 2; k <= trie.order; k++) {
    let suffixes: Uint32Array;
    try {
      suffixes = trie.suffixes(k);
    } catch {
      throw invalid("the end of each gram among the grams one shorter", `a gram of length ${k} without`);
    }
    const { counts } = trie.levels[k];
    const shorter = trie.levels[k - 1].counts;
    for (let node = 0; node < counts.length; node++) {
      if (counts[node] > shorter[suffixes[node]]) {
        throw invalid("no gram more often than its end", `${counts[node]} against ${shorter[suffixes[node]]}`);
      }
    }
  }
}

const MAX_COUNT = 2 ** 32 - 1;

function invalid(expected: string, got: string): RangeError {
  return new RangeError(
    `NGramCounts.fromBytes: expected ${expected}, got ${got}; the file is no n-gram counts, or damaged`,
  );
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  get atEnd(): boolean {
    return this.left === 0;
  }

  /** The next number, which must be from 0 to `max`. */
  number(max: number, what: string): number {
    let value = 0;
    // Five groups of seven bits hold any 32-bit number.
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      if (this.#at === this.#bytes.length) throw invalid(`${what}`, "the end of the file");
      const byte = this.#bytes[this.#at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > max) throw invalid(`${what} of at most ${max}`, `${value}`);
        return value;
      }
    }
    throw invalid(`${what} of at most 5 bytes`, "a longer number");
  }
}

class Writer {
  #bytes = new Uint8Array(4096);
  #size = 0;

  number(value: number): void {
    if (this.#size + 5 > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (; value >= 0x80; value = Math.floor(value / 128)) this.#bytes[this.#size++] = (value & 0x7f) | 0x80;
    this.#bytes[this.#size++] = value;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }
}

/** A list of 32-bit numbers that grows by doubling, up to a bound known beforehand. */
class Uint32List {
  size = 0;
  readonly #bound: number;
  #values = new Uint32Array(1024);

  constructor(bound: number) {
    this.#bound = Math.max(1024, Math.ceil(bound));
  }

  push(value: number): void {
    if (this.size === this.#values.length) {
      const larger = new Uint32Array(Math.min(2 * this.size, this.#bound));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.size++] = value;
  }

  values(): Uint32Array {
    return this.#values.slice(0, this.size);
  }
}
