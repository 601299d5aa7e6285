/** Argument checks that all initializers share. Each names the function it speaks for, and the likely fix. */

import { isRng, type Rng } from "./rng.ts";

/** Throws unless `rng` is a generator: forgetting it is the most likely mistake with this package. */
export function checkRng(caller: string, rng: Rng): void {
  if (!isRng(rng)) {
    const got = rng === undefined ? "undefined" : JSON.stringify(rng);
    throw new TypeError(`${caller}: expected rng to be an Rng, got ${got}; make one with new Rng(seed)`);
  }
}

/** Throws unless `value` is a finite number. */
export function checkFinite(caller: string, name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${caller}: expected ${name} to be a finite number, got ${String(value)}`);
  }
}

/** Throws unless `value` is a finite number >= 0. */
export function checkNonNegative(caller: string, name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`${caller}: expected ${name} to be a finite number >= 0, got ${String(value)}`);
  }
}

/** Throws unless `value` is an integer >= 1. */
export function checkPositiveInteger(caller: string, name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${caller}: expected ${name} to be an integer >= 1, got ${String(value)}`);
  }
}

/** Throws unless `shape` holds integers >= 1 and has from `minRank` to `maxRank` of them. */
export function checkShape(
  caller: string,
  shape: readonly number[],
  minRank: number,
  maxRank: number = Infinity,
): void {
  if (!Array.isArray(shape)) {
    throw new TypeError(`${caller}: expected shape to be an array of integers, got ${typeof shape}`);
  }
  if (shape.length < minRank || shape.length > maxRank) {
    const axes =
      minRank === maxRank ? `${minRank}` : maxRank === Infinity ? `at least ${minRank}` : `${minRank} to ${maxRank}`;
    throw new RangeError(`${caller}: expected a shape with ${axes} axes, got [${shape.join(", ")}]`);
  }
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new RangeError(`${caller}: expected a shape of integers >= 1, got [${shape.join(", ")}]`);
    }
  }
}

/** Throws unless `data` is a Float32Array, of this realm or another (a test runner's, a frame's). */
export function checkData(caller: string, data: Float32Array): void {
  const type = Object.prototype.toString.call(data).slice("[object ".length, -1);
  if (type !== "Float32Array") throw new TypeError(`${caller}: expected data to be a Float32Array, got ${type}`);
}

/** Throws unless `data` has as many elements as `shape`, which {@link checkShape} must have passed. */
export function checkLength(caller: string, data: Float32Array, shape: readonly number[]): void {
  checkData(caller, data);
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) {
    throw new RangeError(
      `${caller}: expected data of ${count} elements for shape [${shape.join(", ")}], got ${data.length}`,
    );
  }
}
