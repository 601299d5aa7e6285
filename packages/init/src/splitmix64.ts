/**
 * SplitMix64: the 64-bit mixing function that turns a seed into the state of a generator, and hashes labels into the
 * seeds of child streams. It runs once per stream, so plain BigInt arithmetic is fine here; drawing numbers never
 * comes this way.
 *
 * Follows Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014), with the constants
 * of Vigna's public-domain splitmix64.c.
 */

const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;

/** One SplitMix64 step: advances `x` by the golden gamma and scrambles it. A bijection of the 64-bit integers. */
function mix(x: bigint): bigint {
  let z = BigInt.asUintN(64, x + GOLDEN_GAMMA);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/**
 * The four 32-bit words of state that a 64-bit key stands for: the first two SplitMix64 outputs, low half first.
 * Two successive outputs are never both zero, so neither is the state.
 */
export function expandKey(key: bigint): Int32Array {
  const first = mix(key);
  const second = mix(key + GOLDEN_GAMMA);
  return Int32Array.from([first, first >> 32n, second, second >> 32n], (word) => Number(BigInt.asIntN(32, word)));
}

/**
 * The key of the child stream named `label`: key and label hashed together, one 64-bit lane at a time. The first lane
 * holds the kind and length of the label, so that `1` and `"1"`, or `"a"` and `"a\0"`, name different streams.
 */
export function childKey(key: bigint, label: string | number): bigint {
  if (typeof label === "number") return mix(mix(key ^ NUMBER_LABEL) ^ BigInt(label));

  let hash = mix(key ^ STRING_LABEL ^ BigInt(label.length));
  for (let i = 0; i < label.length; i++) hash = mix(hash ^ BigInt(label.charCodeAt(i)));
  return hash;
}

// Arbitrary, and far from small integers, so that a child of key 0 is no relation of the streams of small seeds.
const NUMBER_LABEL = 0x6e756d6265720000n; // "number"
const STRING_LABEL = 0x737472696e670000n; // "string"
