import { decodeSafetensors, float32View, type SafetensorsArray, safetensorsEntry } from "@llm-learning/nn-core";
import { describe, expect, test } from "vitest";
import { fixture, hex } from "./fixtures.ts";

describe("safetensorsEntry", () => {
  // The arrays of fixtures/generate.py, compared with the bytes that numpy and the reference implementation wrote.
  const arrays: [string, SafetensorsArray, number[]][] = [
    ["u8", new Uint8Array([0, 1, 2, 3, 4]), [5]],
    ["i8", new Int8Array([-128, 127]), [2]],
    ["u16", new Uint16Array([0, 65535]), [2]],
    ["i16", new Int16Array([-32768, 32767]), [2]],
    ["u32", new Uint32Array([2 ** 32 - 1]), [1]],
    ["i32", new Int32Array([-(2 ** 31), 2 ** 31 - 1]), [2]],
    ["u64", new BigUint64Array([2n ** 64n - 1n]), [1]],
    ["i64", new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]), [2]],
    ["f64", new Float64Array([Math.PI]), [1, 1]],
    ["f32", new Float32Array([-0.5, -0.25, 0, 0.25, 0.5, 0.75]), [2, 3]],
  ];
  test.each(arrays)("%s arrays give numpy's bytes", (name, values, shape) => {
    expect(safetensorsEntry(values, shape)).toEqual(decodeSafetensors(fixture("every-dtype")).tensors.get(name));
  });

  test("the entry is a view of its own part of the buffer", () => {
    const values = new Float32Array([1, 2, 3]).subarray(1);
    const { data } = safetensorsEntry(values, [2]);
    values[0] = 4;
    expect(hex(data)).toBe("0000804000004040");
  });

  test("a shape of another size and an array of another type are refused", () => {
    expect(() => safetensorsEntry(new Float32Array(6), [2, 2])).toThrow(
      new RangeError("safetensorsEntry: expected a shape of 6 elements (the array's length), got [2,2]"),
    );
    expect(() => safetensorsEntry(new Float32Array(1), [-1, -1])).toThrow(
      new RangeError("safetensorsEntry: expected a shape of 1 elements (the array's length), got [-1,-1]"),
    );
    expect(() => safetensorsEntry([1] as unknown as Float32Array, [1])).toThrow(
      new TypeError(
        "safetensorsEntry: expected one of Float64Array, Float32Array, BigInt64Array, BigUint64Array, Int32Array, " +
          "Uint32Array, Int16Array, Uint16Array, Int8Array, Uint8Array, got Array",
      ),
    );
  });
});

describe("float32View", () => {
  const expected = new Float32Array([-0.5, -0.25, 0, 0.25, 0.5, 0.75]);

  test("is a view where the bytes are aligned", () => {
    const entry = decodeSafetensors(fixture("every-dtype")).tensors.get("f32")!;
    const view = float32View(entry);
    expect(view).toEqual(expected);
    expect(view.buffer).toBe(entry.data.buffer);
  });

  test("is a copy where they are not", () => {
    const shifted = new Uint8Array(853);
    shifted.set(fixture("every-dtype"), 1);
    const entry = decodeSafetensors(shifted.subarray(1)).tensors.get("f32")!;
    const view = float32View(entry);
    expect(view).toEqual(expected);
    expect(view.buffer).not.toBe(entry.data.buffer);
  });

  test("another dtype and broken bytes are refused", () => {
    expect(() => float32View({ dtype: "F16", shape: [2], data: new Uint8Array(4) })).toThrow(
      new RangeError('float32View: expected an entry of dtype F32, got "F16"'),
    );
    expect(() => float32View({ dtype: "F32", shape: [1], data: new Uint8Array(3) })).toThrow(
      new RangeError("float32View: expected a multiple of 4 bytes, got 3"),
    );
  });
});
