import { orthogonal, Rng } from "@llm-learning/init";
import { describe, expect, test } from "vitest";

/** The largest difference between the inner products of the shorter side's vectors and `gain^2` times the identity. */
function departure(data: Float32Array, rows: number, columns: number, gain = 1): number {
  const wide = columns >= rows;
  const count = Math.min(rows, columns);
  const at = (vector: number, k: number) => (wide ? data[vector * columns + k] : data[k * columns + vector]);
  let largest = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let k = 0; k < Math.max(rows, columns); k++) dot += at(i, k) * at(j, k);
      largest = Math.max(largest, Math.abs(dot - (i === j ? gain * gain : 0)));
    }
  }
  return largest;
}

test.each([[[1, 1]], [[64, 64]], [[128, 32]], [[32, 128]], [[7, 3]], [[256, 256]], [[8, 3, 3, 4]], [[50, 2, 3, 4]]])(
  "the shorter side of %j is orthonormal",
  (shape) => {
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
    orthogonal(data, shape, { rng: new Rng(1) });
    // Elements are off by up to 2^-25 of theirs; an inner product of unit vectors by no more than 2^-24 in all.
    expect(departure(data, shape[0], data.length / shape[0])).toBeLessThan(1e-7);
  },
);

test("gain multiplies the matrix", () => {
  const data = new Float32Array(20 * 10);
  orthogonal(data, [20, 10], { gain: Math.SQRT2, rng: new Rng(1) });
  expect(departure(data, 20, 10, Math.SQRT2)).toBeLessThan(2e-7);
});

describe("over many matrices of 3 by 3", () => {
  const count = 20_000;
  const rng = new Rng(2);
  const matrices = Array.from({ length: count }, () => {
    const data = new Float32Array(9);
    orthogonal(data, [3, 3], { rng });
    return data;
  });
  const average = (f: (m: Float32Array) => number) => matrices.reduce((sum, m) => sum + f(m), 0) / count;

  test("the trace has the mean 0 and the mean square 1 of the uniform distribution", () => {
    // Without the right signs, the diagonal would lean to one side.
    const trace = (m: Float32Array) => m[0] + m[4] + m[8];
    expect(Math.abs(average(trace))).toBeLessThan(5 / Math.sqrt(count));
    // The fourth moment is 3, since the tensor square of three-space has three irreducible parts: the variance is 2.
    expect(Math.abs(average((m) => trace(m) ** 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });

  test("each element has the mean square 1/3", () => {
    for (let i = 0; i < 9; i++) {
      // An element of a uniform unit vector is uniform in [-1, 1]: the variance of its square is 1/5 - 1/9.
      expect(Math.abs(average((m) => m[i] ** 2) - 1 / 3)).toBeLessThan(5 * Math.sqrt((1 / 5 - 1 / 9) / count));
      expect(Math.abs(average((m) => m[i]))).toBeLessThan(5 * Math.sqrt(1 / 3 / count));
    }
  });

  test("rotations and reflections are as many", () => {
    const determinant = (m: Float32Array) =>
      m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
    expect(Math.abs(average(determinant))).toBeLessThan(5 / Math.sqrt(count));
  });
});

test("orthogonal refuses what does not fit", () => {
  const rng = new Rng(0);
  expect(() => orthogonal(new Float32Array(4), [4], { rng })).toThrow(
    new RangeError("orthogonal: expected a shape with at least 2 axes, got [4]"),
  );
  expect(() => orthogonal(new Float32Array(4), [2, 3], { rng })).toThrow(
    new RangeError("orthogonal: expected data of 6 elements for shape [2, 3], got 4"),
  );
  expect(() => orthogonal(new Float32Array(4), [2, 2], { gain: Infinity, rng })).toThrow(RangeError);
  expect(() => orthogonal(new Float32Array(4), [2, 2], {} as never)).toThrow(
    new TypeError("orthogonal: expected rng to be an Rng, got undefined; make one with new Rng(seed)"),
  );
});
