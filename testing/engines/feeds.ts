/**
 * Draws sizes and feeds for the cases, from a seed.
 */

import { allocate, type Dim, type DType, elementCount, type Shape, type TypedArray } from "@llm-learning/nn-core";
import type { Case, InputCase } from "./cases.ts";

/** Marsaglia's xorshift32: numbers in [0, 1). */
export function uniform(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A size from 1 to 4 for each named dimension of a case, unless it gives its own. */
export function drawSizes({ inputs, sizes = {} }: Case, next: () => number): Map<string, number> {
  const drawn = new Map(Object.entries(sizes));
  for (const { shape } of Object.values(inputs)) {
    for (const dim of shape) {
      if (typeof dim === "string" && !drawn.has(dim)) drawn.set(dim, 1 + Math.floor(4 * next()));
    }
  }
  return drawn;
}

export function sizesOf(shape: Shape, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map((dim) => sizeOf(dim, sizes));
}

export function sizeOf(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  return typeof dim === "number" ? dim : (sizes.get(dim) as number);
}

export interface Feed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export function drawFeed(
  { shape, dtype, draw }: InputCase,
  sizes: ReadonlyMap<string, number>,
  next: () => number,
): Feed {
  const actual = sizesOf(shape, sizes);
  const data = allocate(dtype, elementCount(actual));
  for (let i = 0; i < data.length; i++) {
    const value = draw(next());
    if (data instanceof BigInt64Array) data[i] = BigInt(value);
    else data[i] = value;
  }
  return { dtype, shape: actual, data };
}
