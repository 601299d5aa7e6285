import { Rng, sparse } from "@llm-learning/init";
import { expect, test } from "vitest";
import fixture from "./fixtures/torch.json" with { type: "json" };

test.each(fixture.sparse)(
  "every column of $rows rows has $zeros zeros at sparsity $sparsity, as in PyTorch",
  ({ rows, sparsity, zeros }) => {
    const columns = 30;
    const data = new Float32Array(rows * columns);
    sparse(data, [rows, columns], { sparsity, rng: new Rng(1) });
    for (let column = 0; column < columns; column++) {
      const values = Array.from({ length: rows }, (_, row) => data[row * columns + column]);
      expect(values.filter((value) => value === 0)).toHaveLength(zeros);
    }
  },
);

test("zeros fall on every row as often", () => {
  const [rows, columns] = [10, 20_000];
  const data = new Float32Array(rows * columns);
  sparse(data, [rows, columns], { sparsity: 0.3, rng: new Rng(1) });
  for (let row = 0; row < rows; row++) {
    const zeros = data.subarray(row * columns, (row + 1) * columns).filter((value) => value === 0).length;
    expect(Math.abs(zeros - 0.3 * columns)).toBeLessThan(5 * Math.sqrt(0.3 * 0.7 * columns));
  }
});

test("sparse refuses what does not fit", () => {
  const data = new Float32Array(6);
  const rng = new Rng(0);
  expect(() => sparse(data, [1, 2, 3], { sparsity: 0.5, rng })).toThrow(
    new RangeError("sparse: expected a shape with 2 axes, got [1, 2, 3]"),
  );
  expect(() => sparse(data, [2, 3], { sparsity: 1.5, rng })).toThrow(
    new RangeError("sparse: expected sparsity in [0, 1], got 1.5"),
  );
  expect(() => sparse(data, [2, 3], { rng } as never)).toThrow(
    new RangeError("sparse: expected sparsity in [0, 1], got undefined"),
  );
  expect(() => sparse(data, [2, 3], { sparsity: 0.5 } as never)).toThrow(TypeError);
});
