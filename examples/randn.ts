/**
 * Standard normal numbers as a tensor, PyTorch's `randn`.
 */

import { normal, type Rng } from "@llm-learning/init";
import { constant, elementCount, type Tensor } from "@llm-learning/nn-core";

/** A constant of independent N(0, 1) numbers. */
export function randn(shape: readonly number[], rng: Rng): Tensor {
  const data = new Float32Array(elementCount(shape));
  normal(data, { rng });
  return constant(data, shape);
}
