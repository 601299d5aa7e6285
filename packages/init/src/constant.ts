/** Initializers that give every element the same value. */

import { checkFinite } from "./validate.ts";

/**
 * Sets every element to `value`.
 *
 * @throws RangeError if `value` is not finite.
 */
export function constant(data: Float32Array, value: number): void {
  checkFinite("constant", "value", value);
  data.fill(value);
}

/** Sets every element to 0. Usable as an {@link Initializer} as it is. */
export function zeros(data: Float32Array): void {
  data.fill(0);
}

/** Sets every element to 1. Usable as an {@link Initializer} as it is. */
export function ones(data: Float32Array): void {
  data.fill(1);
}
