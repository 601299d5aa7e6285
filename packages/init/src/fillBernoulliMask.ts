/**
 * Masks of independent zeros and ones, fast: what dropout needs by the million at every step. Multiplying by the mask
 * and by `1 / keepProbability` is up to the caller.
 */

import type { Rng } from "./rng.ts";
import { checkRng } from "./validate.ts";

/**
 * Sets every element of `target` to 1 with probability `keepProbability`, else to 0.
 *
 * Each element compares 16 random bits with `round(keepProbability * 65536)`, so the probability has a resolution of
 * 1 / 65536, and 0 and 1 are exact. One 32-bit draw serves two neighbouring elements, its lower half the first.
 *
 * @param target - Any length; one more draw is spent on the last element of an odd one.
 * @param keepProbability - In [0, 1]. Mind that it is one minus the dropout rate.
 * @param rng - Where the randomness comes from: `ceil(target.length / 2)` draws.
 * @throws RangeError if `keepProbability` is not in [0, 1]; TypeError without `rng`.
 */
export function fillBernoulliMask(target: Uint8Array, keepProbability: number, rng: Rng): void {
  if (!(keepProbability >= 0 && keepProbability <= 1)) {
    throw new RangeError(`fillBernoulliMask: expected keepProbability in [0, 1], got ${String(keepProbability)}`);
  }
  checkRng("fillBernoulliMask", rng);
  const threshold = Math.round(keepProbability * 65536);

  // Draws come in blocks: the generator then keeps its state in registers.
  const block = new Uint32Array(Math.min(BLOCK, Math.ceil(target.length / 2)));
  const pairs = target.length >> 1;
  for (let start = 0; start < pairs; start += block.length) {
    const count = Math.min(block.length, pairs - start);
    rng.fillUint32(count === block.length ? block : block.subarray(0, count));
    for (let i = 0, out = 2 * start; i < count; i++, out += 2) {
      const bits = block[i] | 0;
      target[out] = (bits & 0xffff) < threshold ? 1 : 0;
      target[out + 1] = bits >>> 16 < threshold ? 1 : 0;
    }
  }
  if (target.length % 2 === 1) {
    target[target.length - 1] = (rng.nextUint32() & 0xffff) < threshold ? 1 : 0;
  }
}

const BLOCK = 1024; // draws: 4 KiB, at home in the first-level cache
