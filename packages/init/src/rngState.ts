/** The saved form of a generator, and the checks that one from a file must pass before it is trusted. */

/** The state of an `Rng` as plain data: `JSON.parse(JSON.stringify(state))` loses nothing. */
export interface RngState {
  /** Names the algorithm, so that a state is never read by another one. */
  readonly algorithm: "xoshiro128++";
  /** What the stream was made from, the upper and the lower 32 bits: decides what `fork` gives. */
  readonly key: readonly [number, number];
  /** The four 32-bit words that the next draw is made from. */
  readonly words: readonly [number, number, number, number];
}

/** The numbers of a state that `Rng.fromState` was given, checked wholly. */
export function checkRngState(state: RngState): { key: Uint32Array; words: Uint32Array } {
  if (typeof state !== "object" || state === null) {
    throw new TypeError(`Rng.fromState: expected an object from Rng.state(), got ${String(state)}`);
  }
  if (state.algorithm !== "xoshiro128++") {
    throw new TypeError(`Rng.fromState: expected algorithm "xoshiro128++", got ${JSON.stringify(state.algorithm)}`);
  }
  const key = uint32Words("key", state.key, 2);
  const words = uint32Words("words", state.words, 4);
  if (words.every((word) => word === 0)) {
    throw new RangeError(
      "Rng.fromState: expected words with a bit set, got four zeros (the generator would only give 0)",
    );
  }
  return { key, words };
}

function uint32Words(name: string, value: unknown, length: number): Uint32Array {
  if (!Array.isArray(value) || value.length !== length) {
    const got = Array.isArray(value) ? `${value.length} numbers` : typeof value;
    throw new TypeError(`Rng.fromState: expected ${name} to be an array of ${length} numbers, got ${got}`);
  }
  for (const word of value) {
    if (!Number.isInteger(word) || word < 0 || word >= 2 ** 32) {
      throw new RangeError(`Rng.fromState: expected ${name} to hold integers in [0, 2^32 - 1], got ${String(word)}`);
    }
  }
  return Uint32Array.from(value);
}
