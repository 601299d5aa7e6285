/**
 * What the evaluations so far say: the best one, and whether validation loss is turning up.
 */

import type { TrainingState } from "../run/checkpoint.ts";

/** The part of a checkpoint's state that evaluations decide. */
export type EvaluationRecord = Pick<TrainingState, "best" | "lastValLoss" | "risingEvaluations">;

/** Evaluations in a row, each worse than the one before and than the best, after which it is called overfitting. */
export const RISES_BEFORE_WARNING = 3;

/** The record before the first evaluation. */
export const noEvaluations: EvaluationRecord = { best: null, lastValLoss: null, risingEvaluations: 0 };

/** The record with one more evaluation; of equal losses the earlier stays the best. */
export function recordEvaluation(
  record: EvaluationRecord,
  { step, valLoss }: { step: number; valLoss: number },
): EvaluationRecord {
  const { best, lastValLoss, risingEvaluations } = record;
  const isBest = best === null || valLoss < best.valLoss;
  const hasRisen = !isBest && lastValLoss !== null && valLoss > lastValLoss;
  return {
    best: isBest ? { step, valLoss } : best,
    lastValLoss: valLoss,
    risingEvaluations: hasRisen ? risingEvaluations + 1 : 0,
  };
}
