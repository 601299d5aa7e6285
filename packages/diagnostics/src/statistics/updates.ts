/**
 * update:data: by how much a step changes a parameter, beside what is there.
 *
 * Measured from the values before and after, so that it is the update of whatever optimizer made it, decay included.
 */

import type { Parameter } from "@llm-learning/nn-core";
import type { StatisticsRecord } from "./record.ts";

/**
 * `std(after - before) / std(before)`, both standard deviations with n - 1; null where it is not a finite number.
 *
 * For plain gradient descent it is `learningRate * std(gradient) / std(value)`, whose logarithm to base 10 the lecture plots beside a
 * line at -3.
 *
 * @throws RangeError if the lengths differ.
 */
export function updateToData(before: Float32Array, after: Float32Array): number | null {
  if (before.length !== after.length) {
    throw new RangeError(`updateToData: expected arrays of one length, got ${before.length} and ${after.length}`);
  }
  const n = before.length;
  let sum = 0;
  let updateSum = 0;
  for (let i = 0; i < n; i++) {
    sum += before[i];
    updateSum += after[i] - before[i];
  }
  const mean = sum / n;
  const updateMean = updateSum / n;
  let squares = 0;
  let updateSquares = 0;
  for (let i = 0; i < n; i++) {
    const deviation = before[i] - mean;
    const updateDeviation = after[i] - before[i] - updateMean;
    squares += deviation * deviation;
    updateSquares += updateDeviation * updateDeviation;
  }
  const ratio = Math.sqrt(updateSquares / squares);
  return Number.isFinite(ratio) ? ratio : null;
}

/** Copies of the parameters that have records, those with two axes or more: to be taken before an optimizer's step. */
export function copyMatrices(parameters: ReadonlyMap<string, Parameter>): Map<string, Float32Array> {
  const matrices = [...parameters].filter(([, { shape }]) => shape.length >= 2);
  return new Map(matrices.map(([name, { data }]) => [name, data.slice()]));
}

/**
 * The records with `updateToData` filled in: to be called after the optimizer's step.
 *
 * @param before - What `copyMatrices` gave before the step.
 */
export function withUpdates(
  records: readonly StatisticsRecord[],
  before: ReadonlyMap<string, Float32Array>,
  parameters: ReadonlyMap<string, Parameter>,
): StatisticsRecord[] {
  return records.map((record) => {
    const values = record.kind === "parameter" ? before.get(record.name) : undefined;
    const parameter = parameters.get(record.name);
    if (values === undefined || parameter === undefined) return record;
    return { ...record, updateToData: updateToData(values, parameter.data) };
  });
}
