/**
 * Random shapes and values for gradient checks, from a seed.
 */

import { Rng } from "@llm-learning/init";
import { constant, elementCount, type Tensor } from "@llm-learning/nn-core";

/** An operand to differentiate by. */
export interface Operand {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export class Draw {
  readonly #rng: Rng;

  constructor(seed: number) {
    this.#rng = new Rng(seed);
  }

  /** An integer from `least` to `greatest`, both included. */
  integer(least: number, greatest: number): number {
    return least + this.#rng.integer(greatest - least + 1);
  }

  boolean(): boolean {
    return this.#rng.integer(2) === 1;
  }

  /** Sizes from 1 to 3. */
  shape(rank: number): number[] {
    return Array.from({ length: rank }, () => this.integer(1, 3));
  }

  /** A shape that broadcasts to `shape`: leading axes dropped, some others of size 1. */
  broadcastable(shape: readonly number[]): number[] {
    return shape.slice(this.integer(0, shape.length)).map((size) => (this.boolean() ? 1 : size));
  }

  /** Standard normal values. */
  normal(shape: readonly number[]): Operand {
    return this.#operand(shape, () => this.#rng.normal());
  }

  /** Values from 0.5 to 2, for functions that need positive ones. */
  positive(shape: readonly number[]): Operand {
    return this.#operand(shape, () => 0.5 + 1.5 * this.#rng.uniform());
  }

  /** Values of either sign at least 0.1 from 0, for functions with a kink or a pole there. */
  nonZero(shape: readonly number[]): Operand {
    return this.#operand(shape, () => (this.boolean() ? 1 : -1) * (0.1 + 1.5 * this.#rng.uniform()));
  }

  /** A constant of integers in [0, bound), int32 or int64. */
  indices(shape: readonly number[], bound: number): Tensor {
    const values = Array.from({ length: elementCount(shape) }, () => this.#rng.integer(bound));
    return this.boolean()
      ? constant(Int32Array.from(values), shape)
      : constant(BigInt64Array.from(values, BigInt), shape);
  }

  /** A constant of bools. */
  mask(shape: readonly number[]): Tensor {
    return constant(
      Uint8Array.from({ length: elementCount(shape) }, () => this.#rng.integer(2)),
      shape,
    );
  }

  #operand(shape: readonly number[], value: () => number): Operand {
    return { shape, data: Float64Array.from({ length: elementCount(shape) }, value) };
  }
}
