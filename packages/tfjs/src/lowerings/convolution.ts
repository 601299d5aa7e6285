/**
 * Convolution and its two gradients as one matrix product each, channels last.
 *
 * What a kernel sees at each place, its taps side by side, is a row (known as im2col): the convolution multiplies these rows by the
 * kernel, the gradient by the kernel multiplies them by the output's gradient, and the gradient by the input puts the products of both
 * back to where each tap came from. Backends have no function that does all of stride, dilation, uneven padding and groups.
 */

import type { Convolution } from "@llm-learning/nn-core";
import { elementCount } from "@llm-learning/nn-core";
import type { TensorFlow, TfTensor } from "../tensorFlow.ts";
import type { Lowerings } from "./lowering.ts";

export const convolution: Lowerings<"conv" | "convInputGrad" | "convWeightGrad"> = {
  // x [B, ...input, Cin], weight [Cout, ...kernel, Cin / groups]
  conv: ({ tf, inputs: [x, weight], attributes }) => {
    const kernelSize = weight.shape.slice(1, -1);
    const outputSize = outputSizes(x.shape.slice(1, -1), kernelSize, attributes);
    const weights = tf.split(weight, attributes.groups, 0);
    const parts = tf.split(x, attributes.groups, x.rank - 1).map((part, group) => {
      const rows = tapRows(tf, part, kernelSize, outputSize, attributes); // [places, taps * Cin / groups]
      return tf.matMul(rows, matrix(tf, weights[group]), false, true);
    });
    return tf.reshape(tf.concat(parts, 1), [x.shape[0], ...outputSize, weight.shape[0]]);
  },

  // gradient [B, ...output, Cout]
  convInputGrad: ({ tf, inputs: [gradient, weight], attributes }) => {
    const weights = tf.split(weight, attributes.groups, 0);
    const parts = tf.split(gradient, attributes.groups, gradient.rank - 1).map((part, group) => {
      const rows = tf.reshape(part, [elementCount(part.shape.slice(0, -1)), part.shape[part.rank - 1]]);
      const byTap = tf.matMul(rows, matrix(tf, weights[group])); // [places, taps * Cin / groups]
      return placedTaps(tf, byTap, weight.shape.slice(1, -1), part.shape.slice(0, -1), attributes);
    });
    return tf.concat(parts, gradient.rank - 1); // [B, ...input, Cin]
  },

  convWeightGrad: ({ tf, inputs: [x, gradient], attributes }) => {
    const { kernelSize, groups } = attributes;
    const outputSize = gradient.shape.slice(1, -1);
    const gradients = tf.split(gradient, groups, gradient.rank - 1);
    const parts = tf.split(x, groups, x.rank - 1).map((part, group) => {
      const rows = tapRows(tf, part, kernelSize, outputSize, attributes); // [places, taps * Cin / groups]
      const channels = gradients[group].shape[gradient.rank - 1];
      const flat = tf.reshape(gradients[group], [rows.shape[0], channels]);
      return tf.reshape(tf.matMul(flat, rows, true), [channels, ...kernelSize, part.shape[x.rank - 1]]);
    });
    return tf.concat(parts, 0); // [Cout, ...kernel, Cin / groups]
  },
};

/** `[Cout, ...kernel, Cin]` as `[Cout, taps * Cin]`. */
function matrix(tf: TensorFlow, weight: TfTensor): TfTensor {
  return tf.reshape(weight, [weight.shape[0], elementCount(weight.shape.slice(1))]);
}

/** Every combination of one number below each size, the last one running fastest. */
function taps(kernelSize: readonly number[]): number[][] {
  return kernelSize.reduce<number[][]>(
    (lists, size) => lists.flatMap((list) => Array.from({ length: size }, (_, tap) => [...list, tap])),
    [[]],
  );
}

/** What the kernel sees at each place: `[B * places, taps * C]` of `x` `[B, ...input, C]`. */
function tapRows(
  tf: TensorFlow,
  x: TfTensor,
  kernelSize: readonly number[],
  outputSize: readonly number[],
  { stride, padding, dilation }: Convolution,
): TfTensor {
  const shape: readonly number[] = x.shape;
  const [B, C] = [shape[0], shape[x.rank - 1]];
  const padded = tf.pad(x, [[0, 0], ...padding.map(([before, after]): [number, number] => [before, after]), [0, 0]]);
  const columns = taps(kernelSize).map((tap) => {
    const start = tap.map((at, axis) => at * dilation[axis]);
    const end = start.map((at, axis) => at + (outputSize[axis] - 1) * stride[axis] + 1);
    const seen = tf.stridedSlice(padded, [0, ...start, 0], [B, ...end, C], [1, ...stride, 1]);
    return tf.reshape(seen, [B * elementCount(outputSize), C]);
  });
  return tf.concat(columns, 1);
}

/** The transpose of `tapRows`: adds each tap of `rows` to the place of the input that it saw, `[B, ...input, C]`. */
function placedTaps(
  tf: TensorFlow,
  rows: TfTensor,
  kernelSize: readonly number[],
  places: readonly number[],
  { stride, padding, dilation, inputSize }: Convolution & { readonly inputSize: readonly number[] },
): TfTensor {
  const list = taps(kernelSize);
  const columns = tf.split(rows, list.length, 1);
  const whole = columns.map((column, index) => {
    let part = tf.reshape(column, [...places, column.size / elementCount(places)]); // [B, ...output, C]
    for (const [axis, size] of inputSize.entries()) {
      const start = list[index][axis] * dilation[axis];
      part = spread(tf, part, axis + 1, {
        start,
        step: stride[axis],
        size: padding[axis][0] + size + padding[axis][1],
      });
    }
    return part;
  });
  const total = whole.reduce((sum, part) => tf.add(sum, part));
  return tf.slice(total, [0, ...padding.map(([before]) => before), 0], [places[0], ...inputSize, -1]);
}

/** `x` with its elements along `axis` at `start`, `start + step`, ... of an axis of `size` zeros. */
function spread(
  tf: TensorFlow,
  x: TfTensor,
  axis: number,
  { start, step, size }: { readonly start: number; readonly step: number; readonly size: number },
): TfTensor {
  const count = x.shape[axis];
  const outer = elementCount(x.shape.slice(0, axis));
  const inner = elementCount(x.shape.slice(axis + 1));
  const cells = tf.pad(tf.reshape(x, [outer, count, 1, inner]), [
    [0, 0],
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);
  const length = (count - 1) * step + 1;
  const span = tf.slice(tf.reshape(cells, [outer, count * step, inner]), [0, 0, 0], [outer, length, inner]);
  const placed = tf.pad(span, [
    [0, 0],
    [start, size - start - length],
    [0, 0],
  ]);
  return tf.reshape(placed, x.shape.with(axis, size));
}

function outputSizes(
  inputSize: readonly number[],
  kernelSize: readonly number[],
  { stride, padding, dilation }: Convolution,
): number[] {
  return inputSize.map((size, axis) => {
    const [before, after] = padding[axis];
    return Math.floor((size + before + after - dilation[axis] * (kernelSize[axis] - 1) - 1) / stride[axis]) + 1;
  });
}
