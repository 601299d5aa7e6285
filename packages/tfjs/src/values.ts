/**
 * Values on their way to TensorFlow.js and back.
 */

import type { DType, TensorValue, TypedArray } from "@llm-learning/nn-core";
import { dataTypeOf, type TensorFlow, type TfTensor } from "./tensorFlow.ts";

/**
 * The value as a tensor of the current backend.
 *
 * @throws RangeError for an int64 element that int32 does not hold.
 */
export function toTensorFlow(tf: TensorFlow, { dtype, shape, data }: TensorValue): TfTensor {
  const values = data instanceof BigInt64Array ? Int32Array.from(data, toInt32) : data;
  return tf.tensor(values, [...shape], dataTypeOf(dtype));
}

/**
 * What a tensor holds, as nn-core has it.
 *
 * @param taken - Buffers that are somebody else's: a backend in JavaScript hands back the very array that it was given, and the same one
 * for two tensors of the same values. What is handed out here is taken from then on.
 */
export async function fromTensorFlow(
  tensor: TfTensor,
  dtype: DType,
  taken: Set<ArrayBufferLike>,
): Promise<TensorValue> {
  const data = (await tensor.data()) as Exclude<TypedArray, BigInt64Array>;
  const shape = [...tensor.shape];
  if (dtype === "int64") return { dtype, shape, data: BigInt64Array.from(data as Int32Array, BigInt) };
  const own = taken.has(data.buffer) ? data.slice() : data;
  taken.add(own.buffer);
  return { dtype, shape, data: own };
}

function toInt32(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value) {
    throw new RangeError(
      `run: expected int64 values that fit into 32 bits, which is what TensorFlow.js has, got ${value}`,
    );
  }
  return Number(value);
}
