import { readStepTrace } from "@llm-learning/trainer";
import { describe, expect, it } from "vitest";

/** Two runs of 100 us: a product `[2, 3] x [3, 4]` and a transposed one, a sum, and what the profiler says beside them. */
const trace = JSON.stringify([
  { cat: "Session", name: "session_initialization", ts: 0, dur: 900 },
  ...[1000, 2000].flatMap((ts) => [
    node(
      "linear_0/Gemm",
      "Gemm",
      ts + 10,
      30,
      [
        [2, 3],
        [3, 4],
      ],
      [2, 4],
    ),
    node(
      "matmul_0/FusedMatMul",
      "FusedMatMul",
      ts + 45,
      ts === 1000 ? 500 : 20,
      [
        [5, 3, 2],
        [5, 3, 4],
      ],
      [5, 2, 4],
    ),
    node("add_0/Add", "Add", ts + 70, 10, [[2, 4], [4]], [2, 4]),
    { cat: "Session", name: "model_run", ts, dur: 100 },
  ]),
]);

function node(name: string, op: string, ts: number, dur: number, inputs: number[][], output: number[]): object {
  const args = {
    op_name: op,
    input_type_shape: inputs.map((float) => ({ float })),
    output_type_shape: [{ float: output }],
  };
  return { cat: "Node", name: `${name}_kernel_time`, ts, dur, args };
}

describe("readStepTrace", () => {
  it("tells time and multiplications of each operator, in the mean of the runs behind the warm-up", () => {
    expect(readStepTrace(trace, 1)).toEqual({
      runs: 1,
      runMs: 0.1,
      kernels: [
        { name: "linear_0/Gemm", op: "Gemm", ms: 0.03, flops: 2 * 2 * 3 * 4 },
        // The first operand lies transposed: [3, 2] for [2, 3].
        { name: "matmul_0/FusedMatMul", op: "FusedMatMul", ms: 0.02, flops: 2 * 5 * 2 * 3 * 4 },
        { name: "add_0/Add", op: "Add", ms: 0.01, flops: 0 },
      ],
    });
    expect(readStepTrace(trace, 0).kernels[1].ms).toBeCloseTo(0.26, 12);
  });

  it("wants a run beyond those that warm up", () => {
    expect(() => readStepTrace(trace, 2)).toThrow(
      new RangeError("readStepTrace: expected more than 2 runs, got none beyond them"),
    );
  });
});
