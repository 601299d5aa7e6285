/**
 * Chance of a request: numbers that its seed decides, and nothing else that runs. SplitMix64, whose n-th number is a function of the seed
 * and n alone.
 *
 * Follows Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014), with the constants of Vigna's
 * splitmix64.c. It is not cryptographic.
 */

import type { UniformSource } from "@llm-learning/onnx";

const GAMMA = 0x9e3779b97f4a7c15n;

/** Numbers from a seed. */
export class SeededUniform implements UniformSource {
  #state: bigint;

  /** @param seed - An integer from 0 to 2^53 - 1; others give streams of their own. */
  constructor(seed: number) {
    this.#state = BigInt(seed);
  }

  /** The next 64 random bits. */
  nextUint64(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + GAMMA);
    let bits = this.#state;
    bits = BigInt.asUintN(64, (bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n);
    bits = BigInt.asUintN(64, (bits ^ (bits >> 27n)) * 0x94d049bb133111ebn);
    return bits ^ (bits >> 31n);
  }

  /** A number from the uniform distribution on `[0, 1)`: a multiple of 2^-53. */
  uniform(): number {
    return Number(this.nextUint64() >> 11n) / 2 ** 53;
  }
}
