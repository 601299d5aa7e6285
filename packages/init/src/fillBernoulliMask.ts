/**
 * Masks of independent zeros and ones, fast: what dropout needs by the million at every step. Multiplying by the mask
 * and by `1 / keepProbability` is up to the caller.
 */

import { type Rng, wordsOf } from "./rng.ts";
import { maskKernel } from "./maskKernel.ts";
import { checkRng } from "./validate.ts";

/** Elements from which on the kernel is faster. */
const LONG = 1 << 14;

/**
 * Sets every element of `target` to 1 with probability `keepProbability`, else to 0.
 *
 * Each element compares 16 random bits with `round(keepProbability * 65536)`, so the probability has a resolution of
 * 1 / 65536, and 0 and 1 are exact. One 32-bit draw serves two neighbouring elements, its lower half the first.
 *
 * @param target - Any length; the last element of an odd one takes a draw of its own.
 * @param keepProbability - In [0, 1]. Mind that it is one minus the dropout rate.
 * @param rng - Where the randomness comes from: `ceil(target.length / 2)` draws.
 * @throws RangeError if `keepProbability` is not in [0, 1]; TypeError if `target` is not a Uint8Array or `rng` no Rng.
 *
 * @example
 * ```ts
 * const mask = new Uint8Array(batchSize * blockSize * nEmbd);
 * fillBernoulliMask(mask, 1 - dropout, rng.fork("dropout").fork(step));
 * ```
 */
export function fillBernoulliMask(target: Uint8Array, keepProbability: number, rng: Rng): void {
  if (!(target instanceof Uint8Array)) {
    throw new TypeError(`fillBernoulliMask: expected target to be a Uint8Array, got ${typeof target}`);
  }
  if (typeof keepProbability !== "number" || !(keepProbability >= 0 && keepProbability <= 1)) {
    throw new RangeError(`fillBernoulliMask: expected keepProbability in [0, 1], got ${String(keepProbability)}`);
  }
  checkRng("fillBernoulliMask", rng);
  const threshold = Math.round(keepProbability * 65536);
  // 65536 is no threshold of sixteen bits, and of short masks the plain loop is done before a kernel has begun.
  const kernel = threshold < 65536 && target.length >= LONG ? maskKernel() : undefined;
  const filled = kernel?.fill(target, threshold, wordsOf(rng)) ?? 0;
  fillPlainly(target.subarray(filled), threshold, rng);
}

/** The loop that the kernel of WebAssembly has the bits of. */
function fillPlainly(target: Uint8Array, threshold: number, rng: Rng): void {
  // The generator of Rng.nextUint32 written out, so that its state stays in registers; elements go out four at a time.
  const words = wordsOf(rng);
  let s0 = words[0];
  let s1 = words[1];
  let s2 = words[2];
  let s3 = words[3];
  const bytes = new DataView(target.buffer, target.byteOffset, target.length);
  const end = target.length - (target.length % 4);
  for (let out = 0; out < end; out += 4) {
    let sum = (s0 + s3) | 0;
    let shifted = s1 << 9;
    const first = pair((((sum << 7) | (sum >>> 25)) + s0) | 0, threshold);
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);

    sum = (s0 + s3) | 0;
    shifted = s1 << 9;
    const second = pair((((sum << 7) | (sum >>> 25)) + s0) | 0, threshold);
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);

    bytes.setUint32(out, first | (second << 16), true);
  }
  words[0] = s0;
  words[1] = s1;
  words[2] = s2;
  words[3] = s3;

  for (let out = end; out < target.length; out += 2) {
    const two = pair(rng.nextUint32() | 0, threshold);
    target[out] = two & 1;
    if (out + 1 < target.length) target[out + 1] = two >>> 8;
  }
}

/** Two elements in the low bytes. The sign of a difference stands for a comparison: branches would be mispredicted. */
function pair(bits: number, threshold: number): number {
  return (((bits & 0xffff) - threshold) >>> 31) | ((((bits >>> 16) - threshold) >>> 31) << 8);
}
