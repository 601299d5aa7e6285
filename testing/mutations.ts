/**
 * Damaged versions of good files, for the tests of what reads them: the same seed gives the same damage everywhere.
 *
 * Damage to bytes finds what is wrong with lengths and codes; most of it ends at the first check. Damage to the values of a
 * document gets further: into what is done with numbers, names and lists that a file may claim.
 */

/** Draws from [0, 1). */
export type Random = () => number;

/** A stream of draws with a seed: mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0 to below `bound`. */
export function below(bound: number, random: Random): number {
  return Math.floor(random() * bound);
}

/** One of a list. */
export function oneOf<T>(list: readonly T[], random: Random): T {
  return list[below(list.length, random)];
}

/** What lengths, counts and codes are set to: the ends of 7, 31, 32, 53, 63 and 64 bits, and small numbers. */
export const extremes: readonly bigint[] = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  65535n,
  ...[31n, 32n, 33n, 40n, 53n, 62n, 63n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits]),
  2n ** 64n - 1n,
  2n ** 64n - 2n,
];

/** Float32 numbers that are none, or that overflow or vanish. */
const floats = [Number.NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, -0];

/** A copy of a file with one to four places damaged, half of them near its beginning, where headers are. */
export function mutatedBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let result = Uint8Array.from(bytes);
  do {
    const reach = random() < 0.5 ? Math.min(result.length, 1000) : result.length;
    result = damaged(result, below(reach, random), random);
  } while (random() < 0.4 && result.length > 0);
  return result;
}

function damaged(bytes: Uint8Array<ArrayBuffer>, at: number, random: Random): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const from = below(bytes.length, random);
  const elsewhere = bytes.slice(from, from + 1 + below(64, random));
  switch (below(10, random)) {
    case 0:
      bytes[at] = below(256, random);
      return bytes;
    case 1:
      bytes[at] ^= 1 << below(8, random);
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined(before, after.subarray(1 + below(random() < 0.2 ? after.length : 8, random)));
    case 4:
      return joined(
        before,
        Uint8Array.from({ length: 1 + below(10, random) }, () => 255 - below(256, random) ** 2 / 256),
        after,
      );
    case 5:
      bytes.set(elsewhere.subarray(0, bytes.length - at), at);
      return bytes;
    case 6:
      return joined(before, elsewhere, after);
    case 7:
      if (at + 8 <= bytes.length) {
        if (random() < 0.5) view.setBigUint64(at, oneOf(extremes, random), true);
        else view.setUint32(at, Number(oneOf(extremes, random) & 0xffff_ffffn), true);
      }
      return bytes;
    case 8:
      if (at + 4 <= bytes.length) view.setFloat32(at - (at % 4), oneOf(floats, random), true);
      return bytes;
    default:
      return joined(before, varint(oneOf(extremes, random)), after);
  }
}

/** A number as protobuf spells it. */
export function varint(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (; value >= 128n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Uint8Array.of(...bytes, Number(value));
}

/** Parts one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
