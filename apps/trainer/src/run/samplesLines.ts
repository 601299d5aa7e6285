/**
 * `samples.jsonl`: a line of JSON for each step at which the model was let to write. As in `metrics.jsonl`, a line belongs to the
 * weights after `step` steps.
 */

import { parseStepLines } from "./stepLines.ts";

/** A line of `samples.jsonl`. */
export interface SamplesLine {
  /** Steps that the weights were trained before. */
  readonly step: number;
  /** What they wrote: one text, or of a run on lines a few. */
  readonly texts: readonly string[];
}

/** The lines of a `samples.jsonl`, up to the first that is not one. */
export function parseSamples(text: string): SamplesLine[] {
  return parseStepLines<SamplesLine>(text, isSamplesLine);
}

/** Whether an object with a step is a line of it. */
export function isSamplesLine({ texts }: Partial<SamplesLine>): boolean {
  return Array.isArray(texts) && texts.every((sample) => typeof sample === "string");
}
