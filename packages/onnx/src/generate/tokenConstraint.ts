/**
 * What may come next, said from outside: a grammar, a schema, a list of words. Tokens that may not come are ruled out before one is
 * chosen, so that whatever is generated is what the constraint allows.
 */

/** Follows a sequence, and says which tokens may come next. */
export interface TokenConstraint {
  /** Bits of the tokens that may come next: bit `id & 31` of word `id >>> 5`. At least one is to be set; read at once, not kept. */
  allowed(): Uint32Array;
  /** Takes the token that was chosen, one of those allowed. */
  accept(token: number): void;
}

/**
 * Logits in which the tokens without a bit are minus infinity.
 *
 * @param logits - `[V]`, not changed.
 * @param allowed - A bit for each token, at least `ceil(V / 32)` words.
 * @throws RangeError for too few words, and where no token of a logit above minus infinity is left.
 */
export function keepAllowed(logits: Float32Array, allowed: Uint32Array): Float32Array {
  const V = logits.length;
  if (allowed.length * 32 < V) {
    throw new RangeError(`keepAllowed: expected ${Math.ceil(V / 32)} words for ${V} tokens, got ${allowed.length}`);
  }
  const kept = new Float32Array(V).fill(-Infinity);
  let isEmpty = true;
  for (let begin = 0, word = 0; begin < V; begin += 32, word++) {
    // Mostly few tokens are allowed, or nearly all.
    for (let bits = allowed[word]; bits !== 0; bits &= bits - 1) {
      const id = begin + 31 - Math.clz32(bits & -bits);
      if (id >= V) break;
      kept[id] = logits[id];
      if (kept[id] !== -Infinity) isEmpty = false;
    }
  }
  if (isEmpty) throw new RangeError("keepAllowed: expected a token that may come next, got none allowed");
  return kept;
}
