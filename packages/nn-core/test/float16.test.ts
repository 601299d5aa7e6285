import { decodeFloat16, encodeFloat16 } from "@llm-learning/nn-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const half = (value: number): number => encodeFloat16(Float32Array.of(value))[0];
const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

describe("halves", () => {
  test("all 65,536 come back from float32 as they were", () => {
    const back = encodeFloat16(decodeFloat16(all));
    // A signalling NaN (its top bit of fraction 0) comes back quiet, as from every conversion of IEEE 754.
    const expected = all.map((bits) => ((bits & 0x7fff) > 0x7c00 ? bits | 0x200 : bits));
    expect(back).toEqual(expected);
  });

  test("are sign, exponent and fraction: every finite one by the formula of the standard", () => {
    const values = decodeFloat16(all);
    for (let bits = 0; bits < 0x7c00; bits++) {
      const exponent = bits >> 10;
      const fraction = (bits & 0x3ff) / 1024;
      const expected = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
      if (values[bits] !== expected || values[bits + 0x8000] !== -expected) expect(values[bits]).toBe(expected);
    }
    expect([values[0x7c00], values[0xfc00], values[0x7e00]]).toEqual([Infinity, -Infinity, Number.NaN]);
    expect(Object.is(values[0x8000], -0)).toBe(true);
  });

  test.each<[string, number, number]>([
    ["1", 1, 0x3c00],
    ["-2", -2, 0xc000],
    ["1/3, as in the standard's examples", 1 / 3, 0x3555],
    ["a tie below an odd half, to the even one below", 1 + 2 ** -11, 0x3c00],
    ["a tie above an odd half, to the even one above", 1 + 3 * 2 ** -11, 0x3c02],
    ["a fraction that rounds up into the next exponent", 2 - 2 ** -11, 0x4000],
    ["the largest half", 65504, 0x7bff],
    ["less than halfway beyond it", 65519, 0x7bff],
    ["halfway beyond it, to infinity", 65520, 0x7c00],
    ["far beyond it", -1e9, 0xfc00],
    ["the smallest normal", 2 ** -14, 0x0400],
    ["what rounds up to it", 2 ** -14 - 2 ** -25, 0x0400],
    ["a subnormal tie, to the even one", 2.5 * 2 ** -24, 2],
    ["another, upward", 3.5 * 2 ** -24, 4],
    ["the smallest subnormal", 2 ** -24, 1],
    ["halfway below it, to zero", 2 ** -25, 0],
    ["a little more", 2 ** -25 * (1 + 2 ** -23), 1],
    ["the smallest float32, keeping its sign", -(2 ** -149), 0x8000],
    ["a NaN", Number.NaN, 0x7e00],
  ])("are rounded to nearest, ties to even: %s", (_, value, bits) => expect(half(value)).toBe(bits));

  test("are never farther than a neighbour would be", () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = half(value);
        const near = [bits - 1, bits, bits + 1].filter((other) => (other & 0x7fff) < 0x7c00 && other >= 0);
        const distances = [...decodeFloat16(Uint16Array.from(near))].map((other) => Math.abs(other - value));
        expect(Math.min(...distances)).toBe(distances[near.indexOf(bits)]);
      }),
    );
  });

  test("are read from views at any offset, and only from the right arrays", () => {
    const values = new Float32Array([9, 1, -2]).subarray(1);
    expect([...encodeFloat16(values)]).toEqual([0x3c00, 0xc000]);
    expect(() => encodeFloat16([1] as unknown as Float32Array)).toThrow(
      new TypeError("encodeFloat16: expected a Float32Array, got Array"),
    );
    expect(() => decodeFloat16(new Uint8Array(2) as unknown as Uint16Array)).toThrow(
      new TypeError("decodeFloat16: expected a Uint16Array, got Uint8Array"),
    );
  });
});
