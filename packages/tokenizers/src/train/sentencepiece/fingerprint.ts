/**
 * The 64-bit fingerprints by which SentencePiece's BPE trainer looks pairs up. They decide nothing by themselves, but the
 * order of its hash table follows them, and with it which of equally frequent pairs are looked at.
 *
 * The mixing function is Bob Jenkins's, as in `port::FingerprintCat` of SentencePiece's `util.h`.
 *
 * @see http://burtleburtle.net/bob/hash/evahash.html
 */

/** Positive: bits to shift right; negative: left. */
const shifts = [43, -9, 8, 38, -23, 5, 35, -49, 11, 12, -18, 22];
const CONSTANT_HIGH = 0xe08c1d66 | 0;
const CONSTANT_LOW = 0x8b756f82 | 0;

const high = new Int32Array(3);
const low = new Int32Array(3);

/** The upper and lower 32 bits of the last fingerprint. */
export const fingerprint: { high: number; low: number } = { high: 0, low: 0 };

/** Computes the {@link fingerprint} of a pair, given those of its parts. */
export function computePairFingerprint(leftHigh: number, leftLow: number, rightHigh: number, rightLow: number): void {
  high[0] = leftHigh;
  low[0] = leftLow;
  high[1] = CONSTANT_HIGH;
  low[1] = CONSTANT_LOW;
  high[2] = rightHigh;
  low[2] = rightLow;
  for (let step = 0; step < 12; step++) {
    const to = step % 3;
    const other = (step + 2) % 3;
    subtract(to, (step + 1) % 3);
    subtract(to, other);
    const shift = shifts[step];
    const h = high[other];
    const l = low[other];
    if (shift >= 32) low[to] ^= h >>> (shift - 32);
    else if (shift > 0) {
      low[to] ^= (l >>> shift) | (h << (32 - shift));
      high[to] ^= h >>> shift;
    } else if (shift <= -32) high[to] ^= l << (-shift - 32);
    else {
      high[to] ^= (h << -shift) | (l >>> (32 + shift));
      low[to] ^= l << -shift;
    }
  }
  fingerprint.high = high[2];
  fingerprint.low = low[2];
}

function subtract(to: number, from: number): void {
  const borrow = low[to] >>> 0 < low[from] >>> 0 ? 1 : 0;
  low[to] -= low[from];
  high[to] -= high[from] + borrow;
}
