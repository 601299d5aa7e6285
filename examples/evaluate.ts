/**
 * Values of tensors, at once: for lessons that look at numbers rather than train with them.
 */

import { compile, graphOf, referenceEngine, type Tensor, type TensorValue } from "@llm-learning/nn-core";

/** The values of `tensors`, which depend on nothing but constants and parameters, by the plain TypeScript engine. */
export async function evaluate<K extends string>(tensors: Record<K, Tensor>): Promise<Record<K, TensorValue>> {
  const program = await compile(referenceEngine(), graphOf(tensors));
  return (await program.run({})) as Record<K, TensorValue>;
}

/** The elements of a float tensor. */
export function numbers({ data }: TensorValue): number[] {
  return Array.from(data as Float32Array);
}

/** A matrix as lines of text, for `console.log`. */
export function table(matrix: TensorValue, digits = 2): string {
  const columns = matrix.shape.at(-1) as number;
  const cells = numbers(matrix).map((value) => value.toFixed(digits).padStart(digits + 3));
  const rows = Array.from({ length: cells.length / columns }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns).join(" "),
  );
  return rows.join("\n");
}
