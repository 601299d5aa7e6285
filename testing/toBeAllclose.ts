/**
 * `expect(actual).toBeAllclose(expected, { rtol, atol })`: NumPy's allclose, |actual - expected| <= atol + rtol * |expected|
 * element by element; NaN equals NaN and infinities equal themselves. Both tolerances default to 0.
 */

import { expect } from "vitest";

export interface Tolerance {
  rtol?: number;
  atol?: number;
}

declare module "vitest" {
  // oxlint-disable-next-line no-unused-vars
  interface Matchers<T> {
    toBeAllclose(expected: ArrayLike<number>, tolerance: Tolerance): T;
  }
}

expect.extend({
  toBeAllclose(actual: ArrayLike<number>, expected: ArrayLike<number>, { rtol = 0, atol = 0 }: Tolerance) {
    if (actual.length !== expected.length) {
      return { pass: false, message: () => `expected ${expected.length} elements, got ${actual.length}` };
    }
    let worst = -1;
    let worstExcess = 0;
    for (let i = 0; i < expected.length; i++) {
      const same = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
      const excess = same ? 0 : Math.abs(actual[i] - expected[i]) - (atol + rtol * Math.abs(expected[i]));
      // Not `excess > 0`: NaN must fail.
      if (!(excess <= 0) && !(excess <= worstExcess)) [worst, worstExcess] = [i, excess];
    }
    return {
      pass: worst === -1,
      message: () =>
        `expected ${expected[worst]} within rtol ${rtol} and atol ${atol} at ${worst}, got ${actual[worst]}`,
    };
  },
});
