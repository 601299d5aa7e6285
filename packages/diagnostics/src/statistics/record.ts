/**
 * What is known of a tensor at one step, as plain data: it goes through JSON unchanged.
 *
 * A statistic of a tensor that holds a NaN or an infinity is null; the two counts say how many there are.
 */

import type { TapKind } from "@llm-learning/nn-core";

/** Equal bins over the range of a tensor, as numpy's `histogram`: each holds its lower edge, the last one both. */
export interface Histogram {
  /** How many elements fall into each bin. */
  readonly counts: readonly number[];
  /** One more than bins, ascending, from the least element to the greatest. */
  readonly edges: readonly number[];
}

/** Elements below which a share of the others lies, interpolated linearly as numpy's `quantile`: `p05` is the 5 % one. */
export interface Quantiles {
  readonly p01: number;
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly p99: number;
}

/** Statistics of the elements of one tensor. */
export interface TensorStatistics {
  /** Number of elements. */
  readonly count: number;
  readonly mean: number | null;
  /** `sqrt(sum((x - mean)^2) / (count - 1))`, as PyTorch's `std`; null for one element. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly nanCount: number;
  readonly infinityCount: number;
  /** Of all elements, or of an evenly strided sample of them where there are more than the collection's `sampleSize`. */
  readonly histogram: Histogram | null;
  /** Of the same elements as the histogram. */
  readonly quantiles: Quantiles | null;
}

/** What is known of the probabilities of an attention layer. */
export interface AttentionStatistics {
  /** Mean entropy of the probabilities of each head, in nats: 0 where every token listens to one other. */
  readonly entropy: readonly (number | null)[];
  /** Largest scaled score of a pair that may attend; null where the scores are not found in the graph. */
  readonly largestLogit: number | null;
}

/** A tapped value or a parameter at one step. */
export interface StatisticsRecord extends TensorStatistics {
  /** Name of the tap, or path of the parameter. */
  readonly name: string;
  readonly kind: TapKind | "parameter";
  /** Share of elements where a tanh (`|x| > 0.97`) or a sigmoid (`x < 0.03`, `x > 0.97`) is flat; null for other kinds. */
  readonly saturated: number | null;
  /**
   * Share of units (places on the last axis) that learn nothing from this batch: a relu that is positive for no example, a tanh with
   * `|x| > 0.99` or a sigmoid beyond 0.005 and 0.995 for every one. Null for other kinds.
   */
  readonly dead: number | null;
  /** Of the gradient of the loss by this tensor; null for a by-product that the loss is not computed from. */
  readonly gradient: TensorStatistics | null;
  /** grad:data, `std(gradient) / std(value)`: of parameters only. */
  readonly gradientToData: number | null;
  /** update:data, `std(update) / std(value)` of the step that followed; null until `withUpdates` has measured it. */
  readonly updateToData: number | null;
  /** Of attention probabilities only. */
  readonly attention: AttentionStatistics | null;
}
