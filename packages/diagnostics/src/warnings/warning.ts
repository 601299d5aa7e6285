/**
 * What a warning is, and what it is drawn from: plain data both.
 */

import type { StatisticsRecord } from "../statistics/record.ts";

/** What is wrong, for programs. */
export type WarningCode =
  | "not-a-number"
  | "no-fan-in-scaling"
  | "saturated-units"
  | "dead-units"
  | "exploding-gradients"
  | "vanishing-gradients"
  | "output-too-large"
  | "learning-rate-too-high"
  | "learning-rate-too-low"
  | "loss-spike";

/** Something that is wrong with a run, and what to do about it. */
export interface RunWarning {
  readonly code: WarningCode;
  /** "error" where nothing that follows means anything. */
  readonly severity: "error" | "warning";
  /** Name of a tap or a parameter, or "loss". */
  readonly where: string;
  /** The first step at which it shows. */
  readonly step: number;
  /** What was seen, with its figures. */
  readonly message: string;
  /** What most likely helps. */
  readonly cure: string;
}

/** Loss of one step; null where it is not a finite number. */
export interface LossRecord {
  readonly step: number;
  readonly loss: number | null;
}

/** Statistics of one step. */
export interface StatisticsLine {
  readonly step: number;
  readonly records: readonly StatisticsRecord[];
}

/** What is known of a run so far, in the order of steps. */
export interface RunHistory {
  /** Losses of training steps, in nats; not every step need be there. */
  readonly losses: readonly LossRecord[];
  readonly statistics: readonly StatisticsLine[];
  /** Number of classes: an untrained model is expected at a loss of its logarithm. */
  readonly vocabSize?: number | undefined;
}

/** Three digits, as many as a message needs. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A share as a whole percentage. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** The middle one of some numbers; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = new Float64Array(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
