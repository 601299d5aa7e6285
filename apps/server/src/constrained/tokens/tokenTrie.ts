/**
 * The bytes of many tokens as a tree, in which tokens that begin alike are walked together: what a byte rules out, it rules out for all of
 * them. The tree lies in arrays, in the order of a walk: the nodes below node `n` are those from `n + 1` to `ends[n]`.
 */

/** A token and its bytes. */
export interface Spelling {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** A tree of tokens. Node 0 is the root. */
export class TokenTrie {
  readonly size: number;
  /** The last byte of each node. */
  readonly bytes: Uint8Array;
  /** Bytes on the way to each node. */
  readonly depths: Uint16Array;
  /** Where the nodes below each node end. */
  readonly ends: Int32Array;
  /** Bytes of the longest token. */
  readonly longest: number;
  /** Tokens that end at each node are those of `ids` from `starts[node]` to `starts[node + 1]`. */
  readonly starts: Int32Array;
  readonly ids: Uint32Array;

  /** @param tokens - Of at least one byte each, and fewer than 65,536. */
  constructor(tokens: readonly Spelling[]) {
    const sorted = tokens
      .map(({ id, bytes }) => ({ id, bytes, key: latin1(bytes) }))
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id));
    const bytes: number[] = [0];
    const depths: number[] = [0];
    // Of the nodes that a token makes, the last is its end; those before it begin where the next does, and so have no tokens.
    const starts: number[] = [0];
    let before: Uint8Array = new Uint8Array(0);
    sorted.forEach(({ bytes: token }, at) => {
      let shared = 0;
      while (shared < before.length && shared < token.length && before[shared] === token[shared]) shared++;
      for (let depth = shared; depth < token.length; depth++) {
        bytes.push(token[depth]);
        depths.push(depth + 1);
        starts.push(at);
      }
      before = token;
    });
    this.size = bytes.length;
    this.bytes = Uint8Array.from(bytes);
    this.depths = Uint16Array.from(depths);
    this.ends = endsOf(this.depths);
    this.longest = this.depths.reduce((most, depth) => Math.max(most, depth), 0);
    this.ids = Uint32Array.from(sorted, ({ id }) => id);
    this.starts = Int32Array.from([...starts, sorted.length]);
  }

  /** Sets the bits of the tokens that end at a node: bit `id & 31` of word `id >>> 5`. Gives their number. */
  mark(node: number, bits: Uint32Array): number {
    const end = this.starts[node + 1];
    for (let at = this.starts[node]; at < end; at++) bits[this.ids[at] >>> 5] |= 1 << (this.ids[at] & 31);
    return end - this.starts[node];
  }

  /** Whether tokens end at a node. */
  hasTokens(node: number): boolean {
    return this.starts[node + 1] > this.starts[node];
  }
}

function endsOf(depths: Uint16Array): Int32Array {
  const ends = new Int32Array(depths.length);
  const open: number[] = [];
  for (let node = 0; node < depths.length; node++) {
    while (open.length > 0 && depths[open.at(-1)!] >= depths[node]) ends[open.pop()!] = node;
    open.push(node);
  }
  for (const node of open) ends[node] = depths.length;
  return ends;
}

/** Bytes as a text that sorts as they do. */
function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("latin1");
}
