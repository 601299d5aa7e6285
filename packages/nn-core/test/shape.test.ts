import {
  add,
  broadcastTo,
  elementCount,
  expandDims,
  flatten,
  formatShape,
  input,
  isStatic,
  normalizeAxis,
  product,
  reshape,
  sameShape,
  type Shape,
  squeeze,
  Tensor,
} from "@llm-learning/nn-core";
import { assert, constantFrom, integer, oneof, array, property } from "fast-check";
import { describe, expect, it } from "vitest";

const dim = oneof(integer({ min: 1, max: 6 }), constantFrom("a", "b", "batch_size"));
const shape = array(dim, { maxLength: 5 });

describe("product", () => {
  it.each([
    [[], 1],
    [[2, 3], 6],
    [["b"], "b"],
    [[1, "b"], "b"],
    [[2, "b", "a"], "2*a*b"],
    [["b", 2, "b", 3], "6*b*b"],
    [["2*a*b", 3, "a"], "6*a*a*b"],
    [[0, "a"], 0],
  ] as const)("of %j is %j", (dims, expected) => {
    expect(product(dims)).toBe(expected);
  });

  it("does not depend on the order or on the grouping of its factors", () => {
    assert(
      property(shape, integer({ min: 0, max: 5 }), (dims, cut) => {
        const whole = product(dims);
        expect(product(dims.toReversed())).toBe(whole);
        expect(product([product(dims.slice(0, cut)), product(dims.slice(cut))])).toBe(whole);
      }),
    );
  });
});

describe("broadcasting", () => {
  const joined = (a: Shape, b: Shape): Shape => add(input("a", a), input("b", b)).shape;

  it.each([
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3], [2, 3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[], [4], [4]],
    [["batch_size", 4], [4], ["batch_size", 4]],
    [
      ["batch_size", 1],
      [1, "length"],
      ["batch_size", "length"],
    ],
    [
      ["batch_size", 1, 4],
      ["batch_size", 3, 4],
      ["batch_size", 3, 4],
    ],
    [
      ["a*b", 2],
      ["a*b", 1],
      ["a*b", 2],
    ],
    [
      [0, 3],
      [1, 3],
      [0, 3],
    ],
  ] as const)("joins %j and %j to %j, in either order", (a, b, expected) => {
    expect(joined(a, b)).toEqual(expected);
    expect(joined(b, a)).toEqual(expected);
  });

  it.each([
    [[2, 3], [2], "add: expected shapes that broadcast (equal or 1, aligned at the last axis), got [2, 3] and [2]"],
    [["a"], ["b"], "add: expected shapes that broadcast (equal or 1, aligned at the last axis), got [a] and [b]"],
    [["a"], [4], "add: expected shapes that broadcast (equal or 1, aligned at the last axis), got [a] and [4]"],
  ] as const)("refuses %j and %j: a name equals only itself", (a, b, message) => {
    expect(() => joined(a, b)).toThrow(new RangeError(message));
  });

  it("broadcastTo names dimensions of the result, and refuses a result that would be smaller", () => {
    expect(broadcastTo(input("x", [3]), ["batch_size", 3]).shape).toEqual(["batch_size", 3]);
    expect(() => broadcastTo(input("x", [2, 3]), [3])).toThrow(RangeError);
    expect(() => broadcastTo(input("x", ["batch_size"]), [4])).toThrow(RangeError);
  });
});

describe("reshape", () => {
  const reshaped = (from: Shape, to: Shape): Shape => reshape(input("x", from), to).shape;

  it.each([
    [
      [2, 6],
      [3, -1],
      [3, 4],
    ],
    [[2, 6], [-1], [12]],
    [[], [-1], [1]],
    [["batch_size", 4], [-1], ["4*batch_size"]],
    [["4*batch_size"], ["batch_size", -1], ["batch_size", 4]],
    [
      ["batch_size", "length", 6],
      [-1, 3],
      ["2*batch_size*length", 3],
    ],
    [
      ["batch_size", "length", 6],
      ["batch_size", -1, 2, 3],
      ["batch_size", "length", 2, 3],
    ],
    [["a*b"], ["b", "a"], ["b", "a"]],
    [
      ["a", "a"],
      ["a", -1],
      ["a", "a"],
    ],
    [["a", 1], ["a"], ["a"]],
  ] as const)("takes %j to %j as %j", (from, to, expected) => {
    expect(reshaped(from, to)).toEqual(expected);
  });

  it.each([
    [[2, 3], [4], "reshape: expected a shape of 6 elements for [2, 3], got [4] of 4"],
    [["a", 2], [4], "reshape: expected a shape of 2*a elements for [a, 2], got [4] of 4"],
    [["a"], ["b"], "reshape: expected a shape of a elements for [a], got [b] of b"],
    [[2, 3], [4, -1], "reshape: expected a shape that divides [2, 3] with at most one -1, got [4, -1]"],
    [[2, 3], [-1, -1], "reshape: expected a shape that divides [2, 3] with at most one -1, got [-1, -1]"],
    [["a", 3], ["b", -1], "reshape: expected a shape that divides [a, 3] with at most one -1, got [b, -1]"],
    [["a", 3], [2, -1], "reshape: expected a shape that divides [a, 3] with at most one -1, got [2, -1]"],
    [[4], [0, -1], "reshape: expected a shape that divides [4] with at most one -1, got [0, -1]"],
  ] as const)("refuses to take %j to %j", (from, to, message) => {
    expect(() => reshaped(from, to)).toThrow(new RangeError(message));
  });

  it("undoes what flatten does, and finds again any one dimension that is left out", () => {
    assert(
      property(shape, integer({ min: 0, max: 4 }), (dims, index) => {
        const flat = reshape(input("x", dims), [-1]);
        expect(flat.shape).toEqual([product(dims)]);
        expect(reshape(flat, dims).shape).toEqual(dims);
        if (index < dims.length) expect(reshape(flat, dims.with(index, -1)).shape).toEqual(dims);
      }),
    );
  });

  it("gives the tensor itself where the shape stays", () => {
    const x = input("x", ["batch_size", 3]);
    expect(reshape(x, ["batch_size", -1])).toBe(x);
  });
});

describe("flatten, expandDims and squeeze", () => {
  const x = input("x", ["batch_size", 2, 3, 1]);

  it("join, add and remove axes, counted from either end", () => {
    expect(flatten(x).shape).toEqual(["6*batch_size"]);
    expect(flatten(x, 1, -2).shape).toEqual(["batch_size", 6, 1]);
    expect(expandDims(x, -1).shape).toEqual(["batch_size", 2, 3, 1, 1]);
    expect(expandDims(x, 0).shape).toEqual([1, "batch_size", 2, 3, 1]);
    expect(squeeze(x, -1).shape).toEqual(["batch_size", 2, 3]);
  });

  it("refuse axes that do not exist or do not fit", () => {
    expect(() => flatten(x, 2, 1)).toThrow(new RangeError("flatten: expected start <= end, got axes 2 and 1"));
    expect(() => squeeze(x, 1)).toThrow(
      new RangeError("squeeze: expected size 1 on axis 1, got [batch_size, 2, 3, 1]"),
    );
    expect(() => expandDims(x, 5)).toThrow(
      new RangeError("expandDims: expected an axis from -5 to 4 for rank 5, got 5"),
    );
  });
});

describe("shapes", () => {
  it("are static if every dimension is a number", () => {
    expect([isStatic([2, 3]), isStatic([]), isStatic(["a", 3])]).toEqual([true, true, false]);
  });

  it("have as many elements as the product of their dimensions, a scalar one", () => {
    expect([elementCount([2, 3]), elementCount([]), elementCount([2, 0])]).toEqual([6, 1, 0]);
  });

  it("are the same if every dimension is", () => {
    expect(sameShape(["a", 2], ["a", 2])).toBe(true);
    expect(sameShape(["a", 2], ["b", 2])).toBe(false);
    expect(sameShape([2], [2, 1])).toBe(false);
  });

  it("are written in brackets", () => {
    expect(formatShape([2, "batch_size"])).toBe("[2, batch_size]");
    expect(formatShape([])).toBe("[]");
  });

  it.each([[[-1]], [[1.5]], [[Number.NaN]], [[""]], [[2 ** 53]]])("of a tensor cannot be %j", (shape) => {
    expect(() => new Tensor({ shape, dtype: "float32" }, { kind: "input", name: "x" })).toThrow(
      new RangeError(`Tensor: expected dimensions that are integers >= 0 or names, got [${shape.join(", ")}]`),
    );
  });
});

describe("normalizeAxis", () => {
  it("counts negative axes from the back", () => {
    expect([-3, -1, 0, 2].map((axis) => normalizeAxis("op", axis, 3))).toEqual([0, 2, 0, 2]);
  });

  it.each([3, -4, 0.5, Number.NaN])("refuses axis %d of rank 3", (axis) => {
    expect(() => normalizeAxis("op", axis, 3)).toThrow(
      new RangeError(`op: expected an axis from -3 to 2 for rank 3, got ${axis}`),
    );
  });
});
