import { add, constant, input, type Tensor, zeros } from "@llm-learning/nn-core";
import { describe, expect, it } from "vitest";

const dataOf = ({ source }: Tensor) => (source.kind === "constant" ? source.data : undefined);

describe("constant", () => {
  it("fills a shape with a number, a scalar by default", () => {
    expect(constant(2).shape).toEqual([]);
    expect(dataOf(constant(2))).toEqual(new Float32Array([2]));
    expect(dataOf(constant(1.5, [2, 2]))).toEqual(new Float32Array([1.5, 1.5, 1.5, 1.5]));
  });

  it("takes the dtype of a typed array, and its values without a copy", () => {
    for (const [data, dtype] of [
      [new Float32Array([1]), "float32"],
      [new Int32Array([1]), "int32"],
      [new BigInt64Array([1n]), "int64"],
      [new Uint8Array([1]), "bool"],
    ] as const) {
      const tensor = constant(data, [1]);
      expect(tensor.dtype).toBe(dtype);
      expect(dataOf(tensor)).toBe(data);
    }
  });

  it("converts to the dtype it is told", () => {
    expect(dataOf(constant([1, 2], [2], "int64"))).toEqual(new BigInt64Array([1n, 2n]));
    expect(dataOf(constant(3, [2], "int32"))).toEqual(new Int32Array([3, 3]));
    expect(dataOf(constant(new BigInt64Array([7n]), [1], "float32"))).toEqual(new Float32Array([7]));
    expect(dataOf(constant([1, 0], [2], "bool"))).toEqual(new Uint8Array([1, 0]));
  });

  it("refuses values that do not fit the shape", () => {
    expect(() => constant([1, 2, 3], [2, 2])).toThrow(
      new RangeError("constant: expected 4 values for shape [2, 2], got 3"),
    );
    expect(() => constant([1, 2])).toThrow(new RangeError("constant: expected 1 values for shape [], got 2"));
  });

  it.each([
    [0.5, "int64"],
    [2 ** 53, "int64"],
    [0.5, "int32"],
    [2 ** 31, "int32"],
    [Number.NaN, "int32"],
    [2, "bool"],
  ] as const)("refuses %d as %s", (value, dtype) => {
    expect(() => constant(value, [], dtype)).toThrow(
      new RangeError(`constant: expected values that ${dtype} can hold, got ${value}`),
    );
    expect(() => constant([0, value], [2], dtype)).toThrow(RangeError);
  });

  it("refuses a fraction beside an integer tensor instead of dropping it", () => {
    expect(() => add(input("x", [2], "int32"), 0.5)).toThrow(
      new RangeError("constant: expected values that int32 can hold, got 0.5"),
    );
  });

  it.each([[[-1]], [[2.5]], [[Number.NaN]]])("refuses the shape %j before it allocates", (shape) => {
    const dimensions = "expected dimensions that are integers >= 0 or names";
    expect(() => constant(0, shape)).toThrow(new RangeError(`constant: ${dimensions}, got [${shape.join()}]`));
    expect(() => zeros(shape)).toThrow(new RangeError(`zeros: ${dimensions}, got [${shape.join()}]`));
  });
});

it("zeros are zeros of the given dtype", () => {
  expect(dataOf(zeros([2]))).toEqual(new Float32Array(2));
  expect(dataOf(zeros([2], "int64"))).toEqual(new BigInt64Array(2));
});
