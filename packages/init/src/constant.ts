/** Initializers that give every element the same value. */

import { checkData, checkFinite } from "./validate.ts";

/**
 * Sets every element to `value`.
 *
 * @throws RangeError if `value` is not finite; TypeError if `data` is no Float32Array, as all initializers do.
 */
export function constant(data: Float32Array, value: number): void {
  checkData("constant", data);
  checkFinite("constant", "value", value);
  data.fill(value);
}

/** Sets every element to 0. Usable as an {@link Initializer} as it is. */
export function zeros(data: Float32Array): void {
  checkData("zeros", data);
  data.fill(0);
}

/** Sets every element to 1. Usable as an {@link Initializer} as it is. */
export function ones(data: Float32Array): void {
  checkData("ones", data);
  data.fill(1);
}
