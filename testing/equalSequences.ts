/**
 * Set up before each test file: `toEqual` and its like see at once that two long rows of numbers or texts are the same, which
 * takes them seconds a megabyte by themselves. Where they differ in anything, what vitest says of it stays its own.
 */

import { expect } from "vitest";

/** Where a process keeps that it has been told: files share a process, and what it has loaded. */
const told = Symbol.for("llm-learning: equal sequences");

if (!Object.hasOwn(globalThis, told)) {
  Object.defineProperty(globalThis, told, { value: true });
  expect.addEqualityTesters([(a: unknown, b: unknown) => areEqualArrays(a, b) || areEqualBytes(a, b) || undefined]);
}

/** Whether two arrays of numbers and strings have the same elements: 0 is not -0, NaN is NaN, and a hole is none. */
function areEqualArrays(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const element: unknown = a[index];
    if ((typeof element !== "number" && typeof element !== "string") || !Object.is(element, b[index])) return false;
  }
  return true;
}

/** Whether two typed arrays of one type have the same bytes. */
function areEqualBytes(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || a.byteLength !== b.byteLength) return false;
  const [left, right] = [a, b].map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return left.equals(right);
}
