/**
 * The tokens of a vocabulary in the order of their bytes, so that all that begin alike are found together.
 */

import type { TokenBytes } from "../bpe/tokenBytes.ts";

const sorted = new WeakMap<TokenBytes, SortedTokens>();

/** The tokens of a vocabulary in order; sorted once. */
export function sortedTokens(tokens: TokenBytes): SortedTokens {
  const known = sorted.get(tokens);
  if (known !== undefined) return known;
  const made = new SortedTokens(tokens);
  sorted.set(tokens, made);
  return made;
}

/** Ids ordered by the bytes of their tokens. */
export class SortedTokens {
  readonly ids: Int32Array;
  readonly #tokens: TokenBytes;

  constructor(tokens: TokenBytes) {
    const ids = new Int32Array(tokens.count);
    let count = 0;
    for (let id = 0; id < tokens.size; id++) if (tokens.bytesOf(id).length > 0) ids[count++] = id;
    this.ids = ids.sort((a, b) => compareBytes(tokens.bytesOf(a), tokens.bytesOf(b)));
    this.#tokens = tokens;
  }

  /** The tokens that begin with some bytes, these bytes themselves first. */
  *startingWith(prefix: Uint8Array): Generator<number> {
    let low = 0;
    let high = this.ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.#tokens.bytesOf(this.ids[middle] as number), prefix) < 0) low = middle + 1;
      else high = middle;
    }
    for (; low < this.ids.length; low++) {
      const id = this.ids[low] as number;
      const token = this.#tokens.bytesOf(id);
      if (token.length < prefix.length || compareBytes(token.subarray(0, prefix.length), prefix) !== 0) return;
      yield id;
    }
  }
}

/** Below zero if `a` comes before `b`, as bytes compare. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
