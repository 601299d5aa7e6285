import { type OnnxDataType, tensorByteLength } from "@llm-learning/onnx";
import { expect, test } from "vitest";

test("tensors take the bytes of their elements, rounded up to a whole byte", () => {
  expect(tensorByteLength("float32", [2, 3])).toBe(24);
  expect(tensorByteLength("complex128", [])).toBe(16);
  expect(tensorByteLength("int4", [3, 3])).toBe(5);
  expect(tensorByteLength("uint2", [5])).toBe(2);
  expect(tensorByteLength("int2", [4])).toBe(1);
});

test("a dim of 0 empties a tensor, however large its other dims", () => {
  expect(tensorByteLength("float32", [2 ** 40, 2 ** 40, 0])).toBe(0);
});

test("shapes and types that have no size are refused", () => {
  expect(() => tensorByteLength("float32", [2, -1])).toThrow(
    new RangeError(
      "tensorByteLength: expected dims that are integers of at least 0 and fewer than 2^53 bytes, got float32 [2, -1]",
    ),
  );
  expect(() => tensorByteLength("int8", [1.5])).toThrow("got int8 [1.5]");
  expect(() => tensorByteLength("float64", [2 ** 52])).toThrow("fewer than 2^53 bytes");
  for (const dataType of ["string", "undefined", "float", "toString"]) {
    expect(() => tensorByteLength(dataType as OnnxDataType, [1])).toThrow(
      new RangeError(`tensorByteLength: expected a data type of fixed width, got "${dataType}"`),
    );
  }
});
