/**
 * Kernels of reductions: every output element folds the elements that share its index on the kept axes.
 */

import type { Reduction } from "../opAttributes.ts";
import type { Kernels } from "./kernel.ts";
import type { NdArray } from "./ndArray.ts";
import { ndArray } from "./ndArray.ts";
import { permute } from "./strided.ts";

export const reductionKernels: Kernels<"sum" | "mean" | "max" | "min" | "moments"> = {
  sum: ([x], reduction) => [reduce(x, reduction, total)],
  mean: ([x], reduction) => [reduce(x, reduction, (group) => total(group) / group.length)],
  max: ([x], reduction) => [reduce(x, reduction, (group) => extreme("max", group, Math.max))],
  min: ([x], reduction) => [reduce(x, reduction, (group) => extreme("min", group, Math.min))],
  moments: ([x]) => {
    const { data } = x;
    const mean = total(data) / data.length;
    const squares = data.reduce((sum, element) => sum + (element - mean) ** 2, 0);
    const result = ndArray("float32", [6]);
    result.data.set([
      mean,
      Math.sqrt(squares / (data.length - 1)),
      extreme("moments", data, Math.min),
      extreme("moments", data, Math.max),
      data.reduce((count, element) => count + Number(Number.isNaN(element)), 0),
      data.reduce((count, element) => count + Number(Math.abs(element) === Infinity), 0),
    ]);
    return [result];
  },
};

/** Moves the reduced axes to the end, where each group is a contiguous run of elements, and folds every run. */
function reduce(x: NdArray, { axes, keepDims }: Reduction, fold: (group: Float64Array) => number): NdArray {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const groupSize = axes.reduce((size, axis) => size * x.shape[axis], 1);
  const grouped = permute(x, [...kept, ...axes]).data;
  const shape = keepDims
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : kept.map((axis) => x.shape[axis]);
  const result = ndArray(x.dtype, shape);
  for (let i = 0; i < result.data.length; i++) {
    result.data[i] = fold(grouped.subarray(i * groupSize, (i + 1) * groupSize));
  }
  return result;
}

function total(group: Float64Array): number {
  let sum = 0;
  for (const element of group) sum += element;
  return sum;
}

function extreme(op: string, group: Float64Array, pick: (a: number, b: number) => number): number {
  if (group.length === 0) throw new RangeError(`${op}: expected at least one element along the reduced axes, got none`);
  let best = group[0];
  for (const element of group) best = pick(best, element);
  return best;
}
