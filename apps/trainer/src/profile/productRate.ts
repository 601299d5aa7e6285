/**
 * What this machine makes of a matrix product and nothing else: what all that a step does is measured against.
 */

import { Rng } from "@llm-learning/init";
import { compile, input, graphOf, matmul } from "@llm-learning/nn-core";
import { onnxruntimeEngine } from "@llm-learning/onnx/node";

/** Rows and columns: large enough to be as fast as it gets. */
const SIZE = 1024;

const RUNS = 5;

/** The rate of the fastest of some products `[1024, 1024]` by `[1024, 1024]`, in GFLOP/s. */
export async function bareProductRate(threads: number): Promise<number> {
  const shape = [SIZE, SIZE];
  const program = await compile(
    onnxruntimeEngine({ threads }),
    graphOf({ product: matmul(input("a", shape), input("b", shape)) }),
  );
  const rng = new Rng(1);
  const [a, b] = ["a", "b"].map(() => Float32Array.from({ length: SIZE * SIZE }, () => rng.uniform()));
  let fastest = Infinity;
  try {
    for (let run = 0; run < RUNS; run++) {
      const begin = performance.now();
      await program.run({ a, b });
      fastest = Math.min(fastest, performance.now() - begin);
    }
  } finally {
    await program.dispose();
  }
  return (2 * SIZE ** 3) / fastest / 1e6;
}
