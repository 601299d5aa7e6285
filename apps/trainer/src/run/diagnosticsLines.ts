/**
 * `diagnostics.jsonl`: a line of JSON for each watched step, with the statistics of every tap and matrix of the model. As in
 * `metrics.jsonl`, everything on a line belongs to the weights after `step` steps, but for `updateToData`: of the update that followed.
 */

import type { StatisticsLine } from "@llm-learning/diagnostics";
import { parseStepLines } from "./stepLines.ts";

/** The lines of a `diagnostics.jsonl`, up to the first that is not one. */
export function parseDiagnostics(text: string): StatisticsLine[] {
  return parseStepLines<StatisticsLine>(text, isStatisticsLine);
}

/** Whether an object with a step looks like a line of it. */
export function isStatisticsLine({ records }: Partial<StatisticsLine>): boolean {
  return Array.isArray(records);
}
