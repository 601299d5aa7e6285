/**
 * The vocabulary of a byte-level tokenizer: the bytes of every token by its id, and the id of any bytes.
 *
 * Ids are the ranks of the merges, as in a `.tiktoken` file, and may have holes. All bytes lie in one array; the index back is an
 * open-addressing hash table over it, which compares the bytes themselves.
 */

/** Tokens by id, ids by bytes. */
export class TokenBytes {
  /** One more than the largest id. */
  readonly size: number;
  /** Number of tokens; less than `size` where there are holes. */
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #offsets: Int32Array;
  readonly #slots: Int32Array;

  /**
   * @param tokens - The bytes of each token by its id; `undefined` is a hole.
   * @throws RangeError if a token is empty, stands twice, or one of the 256 single bytes is missing.
   */
  constructor(tokens: readonly (Uint8Array | undefined)[]) {
    this.size = tokens.length;
    this.#offsets = new Int32Array(tokens.length + 1);
    let total = 0;
    let count = 0;
    for (let id = 0; id < tokens.length; id++) {
      const token = tokens[id];
      if (token?.length === 0)
        throw new RangeError(`TokenBytes: expected tokens of at least one byte, got none at id ${id}`);
      if (token !== undefined) count++;
      total += token?.length ?? 0;
      this.#offsets[id + 1] = total;
    }
    this.count = count;
    this.#bytes = new Uint8Array(total);
    this.#slots = new Int32Array(1 << (32 - Math.clz32(Math.max(16, count * 2)))).fill(-1);
    for (let id = 0; id < tokens.length; id++) {
      const token = tokens[id];
      if (token === undefined) continue;
      this.#bytes.set(token, this.#offsets[id]);
      const slot = this.#slotOf(token, 0, token.length);
      const other = this.#slots[slot] as number;
      if (other >= 0)
        throw new RangeError(`TokenBytes: expected every token once, got the same bytes at ids ${other} and ${id}`);
      this.#slots[slot] = id;
    }
    for (let byte = 0; byte < 256; byte++) {
      if (this.idOf(Uint8Array.of(byte)) === -1) {
        throw new RangeError(`TokenBytes: expected all 256 single bytes, got no token for byte ${byte}`);
      }
    }
  }

  /** The id of the bytes from `start` to `end`, or -1 if they are no token. */
  idOf(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    return this.#slots[this.#slotOf(bytes, start, end)] as number;
  }

  /** A view of the bytes of a token; empty for a hole and for an id outside the vocabulary. */
  bytesOf(id: number): Uint8Array {
    if (!(id >= 0 && id < this.size)) return this.#bytes.subarray(0, 0);
    return this.#bytes.subarray(this.#offsets[id], this.#offsets[id + 1]);
  }

  /** The slot that holds the bytes, or the empty one where they would go. */
  #slotOf(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(bytes, start, end) & mask;
    for (;;) {
      const id = slots[slot] as number;
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
