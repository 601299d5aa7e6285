/**
 * The namespace of TensorFlow.js, by its type alone: this package imports none, the caller passes the one that is loaded.
 */

import type * as tfjs from "@tensorflow/tfjs-core";
import type { DType } from "@llm-learning/nn-core";

/** What `import * as tf from "@tensorflow/tfjs-core"` gives, or `@tensorflow/tfjs`, or `@tensorflow/tfjs-node`. */
export type TensorFlow = typeof tfjs;

/** An array that a backend of TensorFlow.js holds. */
export type TfTensor = tfjs.Tensor;

/** The element type that carries a dtype: TensorFlow.js has no int64, and indices fit into 32 bits. */
export function dataTypeOf(dtype: DType): Exclude<DType, "int64"> {
  return dtype === "int64" ? "int32" : dtype;
}
