/**
 * The vocabulary of a byte-level tokenizer: the bytes of every token by its id, and the id of any bytes.
 *
 * Ids are the ranks of the merges, as in a `.tiktoken` file, and may have holes. All bytes lie in one array; the index back is an
 * open-addressing hash table over it, which compares the bytes themselves.
 */

import { describe } from "../describe.ts";

/** Tokens by id, ids by bytes. */
export class TokenBytes {
  /** One more than the largest id. */
  readonly size: number;
  /** Number of tokens; less than `size` where there are holes. */
  readonly count: number;
  /** Bytes of the longest token. */
  readonly longest: number;
  /** The two ids that each token is merged of, where the vocabulary came as merges; -1 for single bytes and holes. */
  readonly left: Int32Array | undefined;
  readonly right: Int32Array | undefined;
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  #index: Int32Array | undefined;

  private constructor(
    bytes: Uint8Array,
    offsets: Int32Array,
    count: number,
    merges?: { readonly left: Int32Array; readonly right: Int32Array },
  ) {
    this.size = offsets.length - 1;
    this.count = count;
    this.longest = offsets.reduce((longest, end, id) => Math.max(longest, end - (offsets[id - 1] ?? 0)), 0);
    this.left = merges?.left;
    this.right = merges?.right;
    this.#bytes = bytes;
    this.#offsets = offsets;
  }

  /**
   * A vocabulary given by the bytes of its tokens.
   *
   * @param caller - Name of the public function, which begins the messages.
   * @param tokens - The bytes of each token by its id; `undefined` is a hole.
   * @throws RangeError if a token is empty, stands twice, or one of the 256 single bytes is missing.
   */
  static fromTokens(caller: string, tokens: readonly (Uint8Array | undefined)[]): TokenBytes {
    const offsets = new Int32Array(tokens.length + 1);
    let total = 0;
    let count = 0;
    for (let id = 0; id < tokens.length; id++) {
      const token = tokens[id];
      if (token !== undefined && !(token instanceof Uint8Array)) {
        throw new TypeError(`${caller}: expected tokens to be Uint8Arrays, got ${describe(token)} at id ${id}`);
      }
      if (token?.length === 0) {
        throw new RangeError(`${caller}: expected tokens of at least one byte, got none at id ${id}`);
      }
      if (token !== undefined) count++;
      total += token?.length ?? 0;
      offsets[id + 1] = total;
    }
    const bytes = new Uint8Array(total);
    for (let id = 0; id < tokens.length; id++) bytes.set(tokens[id] ?? [], offsets[id]);
    const result = new TokenBytes(bytes, offsets, count);
    result.#index = result.#buildIndex(caller);
    for (let byte = 0; byte < 256; byte++) {
      if (result.idOf(Uint8Array.of(byte)) === -1) {
        throw new RangeError(`${caller}: expected all 256 single bytes, got no token for byte ${byte}`);
      }
    }
    return result;
  }

  /**
   * A vocabulary given by its merges, which must be sound: every part has a lower id than the token that it makes.
   *
   * @param bytes - The 256 single bytes in the order of their ids, 0 to 255.
   * @param left - The first part of each token by its id; -1 for the single bytes and where the ids have a hole.
   * @param right - The second part of each token.
   */
  static fromMerges(bytes: Uint8Array, left: Int32Array, right: Int32Array): TokenBytes {
    const size = left.length;
    const offsets = new Int32Array(size + 1);
    let count = 0;
    const lengthOf = (id: number) => (offsets[id + 1] as number) - (offsets[id] as number);
    for (let id = 0; id < size; id++) {
      const first = left[id] as number;
      const length = id < 256 ? 1 : first < 0 ? 0 : lengthOf(first) + lengthOf(right[id] as number);
      if (length > 0) count++;
      offsets[id + 1] = (offsets[id] as number) + length;
    }
    const arena = new Uint8Array(offsets[size] as number);
    arena.set(bytes);
    for (let id = 256; id < size; id++) {
      let to = offsets[id] as number;
      for (const part of [left[id] as number, right[id] as number]) {
        if (part < 0) continue;
        const end = offsets[part + 1] as number;
        for (let from = offsets[part] as number; from < end; from++) arena[to++] = arena[from] as number;
      }
    }
    return new TokenBytes(arena, offsets, count, { left, right });
  }

  /** Number of bytes of a token; 0 for a hole and for an id outside the vocabulary. */
  lengthOf(id: number): number {
    return id >= 0 && id < this.size ? (this.#offsets[id + 1] as number) - (this.#offsets[id] as number) : 0;
  }

  /** Writes the bytes of a token into an array with room for them; returns where they end. */
  copyTo(id: number, target: Uint8Array, at: number): number {
    const bytes = this.#bytes;
    const end = this.#offsets[id + 1] as number;
    // A plain loop: tokens are too short for a call of set to pay.
    for (let from = this.#offsets[id] as number; from < end; from++) target[at++] = bytes[from] as number;
    return at;
  }

  /** The id of the bytes from `start` to `end`, or -1 if they are no token. */
  idOf(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    this.#index ??= this.#buildIndex("TokenBytes");
    return this.#index[this.#slotOf(this.#index, bytes, start, end)] as number;
  }

  /** A view of the bytes of a token; empty for a hole and for an id outside the vocabulary. */
  bytesOf(id: number): Uint8Array {
    if (!(id >= 0 && id < this.size)) return this.#bytes.subarray(0, 0);
    return this.#bytes.subarray(this.#offsets[id], this.#offsets[id + 1]);
  }

  #buildIndex(caller: string): Int32Array {
    const index = new Int32Array(1 << (32 - Math.clz32(Math.max(16, this.count * 2)))).fill(-1);
    for (let id = 0; id < this.size; id++) {
      const start = this.#offsets[id] as number;
      const end = this.#offsets[id + 1] as number;
      if (start === end) continue;
      const slot = this.#slotOf(index, this.#bytes, start, end);
      const other = index[slot] as number;
      if (other >= 0) {
        throw new RangeError(`${caller}: expected every token once, got the same bytes at ids ${other} and ${id}`);
      }
      index[slot] = id;
    }
    return index;
  }

  /** The slot that holds the bytes, or the empty one where they would go. */
  #slotOf(index: Int32Array, bytes: Uint8Array, start: number, end: number): number {
    const mask = index.length - 1;
    let slot = hashOf(bytes, start, end) & mask;
    for (;;) {
      const id = index[slot] as number;
      if (id < 0 || this.#equals(id, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[id] as number;
    if ((this.#offsets[id + 1] as number) - from !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (this.#bytes[from + at - start] !== bytes[at]) return false;
    }
    return true;
  }
}

/** A hash of some bytes (FNV-1a with a final mix), as a 32-bit integer. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
