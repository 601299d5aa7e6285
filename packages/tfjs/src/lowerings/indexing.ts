/**
 * Ops that read and write by index.
 *
 * Writing adds up what meets at one place: a product with one-hot rows where there are few places, else `scatterND`, which adds
 * duplicates on every backend. An index outside its range is not looked for.
 */

import { elementCount } from "@llm-learning/nn-core";
import type { TensorFlow, TfTensor } from "../tensorFlow.ts";
import type { Lowerings } from "./lowering.ts";

/** Up to this many rows, embedding gradients are products with one-hot rows. */
const largestOneHot = 192;

export const indexing: Lowerings<"embedding" | "embeddingGrad" | "gather" | "scatterAdd" | "oneHot"> = {
  embedding: ({ tf, inputs: [weight, indices] }) => tf.gather(weight, indices),

  embeddingGrad: ({ tf, inputs: [gradient, indices], attributes: { numEmbeddings } }) => {
    const count = indices.size;
    const width = gradient.shape[gradient.rank - 1];
    const rows = tf.reshape(gradient, [count, width]);
    if (numEmbeddings <= largestOneHot) {
      const selected = oneHotRows(tf, tf.reshape(indices, [count]), numEmbeddings); // [count, numEmbeddings]
      return tf.matMul(selected, rows, true);
    }
    return tf.scatterND(tf.reshape(indices, [count, 1]), rows, [numEmbeddings, width]);
  },

  // out[..., i, ...] = x[..., indices[..., i, ...], ...]
  gather: ({ tf, inputs: [x, indices], attributes: { axis } }) => {
    const places = flatPlaces(tf, indices, axis, x.shape[axis]);
    return tf.reshape(tf.gather(tf.reshape(x, [x.size]), places), indices.shape);
  },

  // out[..., indices[..., i, ...], ...] += gradient[..., i, ...]
  scatterAdd: ({ tf, inputs: [gradient, indices], attributes: { axis, size } }) => {
    const shape = gradient.shape.with(axis, size);
    const places = tf.reshape(flatPlaces(tf, indices, axis, size), [indices.size, 1]);
    return tf.reshape(tf.scatterND(places, tf.reshape(gradient, [gradient.size]), [elementCount(shape)]), shape);
  },

  oneHot: ({ tf, inputs: [indices], attributes: { depth } }) => oneHotRows(tf, indices, depth),
};

/** The one element of each row of `x` `[..., C]` that `indices` `[...]` name: `[...]`. */
export function pick(tf: TensorFlow, x: TfTensor, indices: TfTensor): TfTensor {
  const column = tf.expandDims(indices, -1); // [..., 1]
  const places = flatPlaces(tf, column, x.rank - 1, x.shape[x.rank - 1]);
  return tf.reshape(tf.gather(tf.reshape(x, [x.size]), places), indices.shape);
}

/** 1 where a row's index is, else 0: float32 `[..., depth]`. The WebAssembly backend writes these as int32, whatever is asked for. */
function oneHotRows(tf: TensorFlow, indices: TfTensor, depth: number): TfTensor {
  return tf.cast(tf.oneHot(indices, depth, 1, 0, "int32"), "float32");
}

/** Where in row-major memory the elements lie that `indices` name along `axis` of a tensor that has `size` there: int32 [n]. */
function flatPlaces(tf: TensorFlow, indices: TfTensor, axis: number, size: number): TfTensor {
  const outer = elementCount(indices.shape.slice(0, axis));
  const inner = elementCount(indices.shape.slice(axis + 1));
  const row = tf.reshape(tf.mul(tf.range(0, outer, 1, "int32"), tf.scalar(size, "int32")), [outer, 1, 1]);
  const rows = tf.add(tf.reshape(indices, [outer, indices.shape[axis], inner]), row);
  const column = tf.reshape(tf.range(0, inner, 1, "int32"), [1, 1, inner]);
  return tf.reshape(tf.add(tf.mul(rows, tf.scalar(inner, "int32")), column), [indices.size]);
}
