/**
 * From the two vectors of a run to records that say what is what.
 */

import type { TensorValue } from "@llm-learning/nn-core";
import { type CollectedTensor, type Collection, SAMPLES, type Slot, STATISTICS, type TensorSlots } from "./collect.ts";
import { histogram } from "./histogram.ts";
import { quantiles } from "./quantiles.ts";
import type { StatisticsRecord, TensorStatistics } from "./record.ts";

/**
 * The statistics of one run, a record for each watched tensor: taps in the order of computation, then parameters.
 *
 * Records are plain data of their own; the run's outputs may be overwritten afterwards.
 *
 * @param results - Outputs of a program whose graph has the outputs of `collection`.
 * @throws TypeError if they are not among `results`.
 */
export function summarize(collection: Collection, results: Readonly<Record<string, TensorValue>>): StatisticsRecord[] {
  const { tensors, bins } = collection;
  if (tensors.length === 0) return [];
  const run: Run = { statistics: vector(results, STATISTICS), samples: vector(results, SAMPLES), bins };
  return tensors.map((tensor) => recordOf(tensor, run));
}

interface Run {
  readonly statistics: Float32Array;
  readonly samples: Float32Array;
  readonly bins: number;
}

function vector(results: Readonly<Record<string, TensorValue>>, name: string): Float32Array {
  const data = results[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new TypeError(
    `summarize: expected an output "${name}", got ${Object.keys(results).join(", ") || "none"}; ` +
      "add collect's outputs to the graph",
  );
}

function recordOf(tensor: CollectedTensor, run: Run): StatisticsRecord {
  const { name, kind } = tensor;
  const value = statisticsOf(tensor.value, run);
  const gradient = tensor.gradient === undefined ? null : statisticsOf(tensor.gradient, run);
  const one = (slot: Slot | undefined): number | null => (slot ? finite(run.statistics[slot.start]) : null);
  return {
    name,
    kind,
    ...value,
    saturated: one(tensor.saturated),
    dead: one(tensor.dead),
    gradient,
    gradientToData: kind === "parameter" ? ratio(gradient?.std, value.std) : null,
    updateToData: null,
    attention: tensor.entropy
      ? { entropy: Array.from(part(run.statistics, tensor.entropy), finite), largestLogit: one(tensor.largestLogit) }
      : null,
  };
}

function statisticsOf({ count, moments, sample }: TensorSlots, { statistics, samples, bins }: Run): TensorStatistics {
  const [mean, std, min, max, nanCount, infinityCount] = part(statistics, moments);
  if (nanCount + infinityCount > 0) {
    const nothing = { mean: null, std: null, min: null, max: null, histogram: null, quantiles: null };
    return { ...nothing, count, nanCount, infinityCount };
  }
  const values = part(samples, sample);
  return {
    count,
    mean: finite(mean),
    std: finite(std),
    min,
    max,
    nanCount,
    infinityCount,
    histogram: histogram(values, { bins, min, max }),
    quantiles: quantiles(values, { min, max }),
  };
}

function part(vector: Float32Array, { start, length }: Slot): Float32Array {
  return vector.subarray(start, start + length);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** `a / b` where both are numbers and `b` is not 0. */
function ratio(a: number | null | undefined, b: number | null): number | null {
  return a === null || a === undefined || b === null || b === 0 ? null : finite(a / b);
}
