import { float32Values } from "@llm-learning/nn-core";
import { describe, expect, test } from "vitest";

const entry = (dtype: "F16" | "BF16" | "F64", values: Uint16Array | Float64Array) => ({
  dtype,
  shape: [values.length],
  data: new Uint8Array(values.buffer),
});

describe("float32Values", () => {
  test("takes halves for what they are", () => {
    // float16.test.ts has all of them.
    const values = float32Values(entry("F16", Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x0001)));
    expect([...values]).toEqual([1, -2, Infinity, 2 ** -24]);
  });

  test("takes a bfloat16 for the upper half of a float32", () => {
    const values = float32Values(entry("BF16", Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001, 0x8000)));
    expect([...values]).toEqual([1, -3, Infinity, 2 ** -133, -0]);
  });

  test("rounds doubles to the nearest", () => {
    expect([...float32Values(entry("F64", Float64Array.of(0.1, 1e300)))]).toEqual([Math.fround(0.1), Infinity]);
  });

  test("reads what is not aligned", () => {
    const bytes = new Uint8Array(5);
    bytes.set([0x80, 0x3f, 0x40, 0xc0], 1);
    expect([...float32Values({ dtype: "BF16", shape: [2], data: bytes.subarray(1) })]).toEqual([1, -3]);
  });

  test("refuses whole numbers", () => {
    expect(() => float32Values({ dtype: "I32", shape: [1], data: new Uint8Array(4) })).toThrow(
      new RangeError('float32Values: expected an entry of F32, BF16, F16 or F64, got "I32"'),
    );
  });
});
