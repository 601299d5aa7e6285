/**
 * What training tells while it runs. Plain data: it crosses from the worker thread to the main one.
 */

import type { BaselineOutcome } from "../evaluation/ngramBaseline.ts";
import type { BadTensor, StatisticsLine } from "@llm-learning/diagnostics";
import type { Metrics } from "../run/metrics.ts";
import type { SamplesLine } from "../run/samplesLines.ts";

export type TrainingEvent =
  /** The model is built and compiled, the first step comes next. */
  | { readonly type: "ready"; readonly step: number; readonly maxSteps: number }
  /** A step was taken; sent at most ten times a second. */
  | { readonly type: "step"; readonly step: number; readonly trainLoss: number; readonly tokensPerSecond: number }
  /** A line was written to metrics.jsonl. */
  | { readonly type: "metrics"; readonly metrics: Metrics; readonly isBest: boolean }
  /** A line was written to diagnostics.jsonl. */
  | { readonly type: "statistics"; readonly line: StatisticsLine }
  | { readonly type: "checkpoint"; readonly step: number }
  /** Validation loss has risen a few times in a row: the model learns the text by heart. */
  | { readonly type: "overfitting"; readonly step: number; readonly best: { step: number; valLoss: number } }
  /** The model directory was written. */
  | { readonly type: "exported"; readonly path: string; readonly step: number; readonly warnings: readonly string[] }
  /** A line was written to samples.jsonl: what the weights of a step write while training goes on. */
  | { readonly type: "samples"; readonly line: SamplesLine }
  /** What a person asked for, which no file of the run tells of; but for the checkpoint. */
  | { readonly type: "answer"; readonly request: "checkpoint"; readonly step: number }
  | { readonly type: "answer"; readonly request: "samples"; readonly line: SamplesLine }
  | {
      readonly type: "answer";
      readonly request: "evaluation";
      readonly step: number;
      readonly valLoss: number;
      readonly evalTrainLoss: number;
    }
  /** A piece of a closing sample, as the exported weights of `step` write it. */
  | { readonly type: "sample"; readonly step: number; readonly index: number; readonly text: string };

/** How training ended. */
export interface TrainingOutcome {
  /** "stopped": asked to, after saving. "diverged": a loss was not a number; nothing was saved since. */
  readonly status: "finished" | "stopped" | "diverged";
  /** Steps taken. */
  readonly step: number;
  /** The newest values; undefined before the first. */
  readonly trainLoss: number | undefined;
  readonly valLoss: number | undefined;
  readonly best: { readonly step: number; readonly valLoss: number } | undefined;
  /** Tokens trained on per second in this session, evaluations and checkpoints aside; 0 without a step. */
  readonly tokensPerSecond: number;
  /** Wall time over all sessions. */
  readonly elapsedSeconds: number;
  /** Step of the checkpoint that `--resume` continues from; undefined where there is none. */
  readonly checkpointStep: number | undefined;
  /** Of a run that diverged: the first tensor that is not finite, where one that is watched is not. */
  readonly firstBad?: BadTensor | undefined;
  /** What an n-gram model of the same tokens achieves; only of a training that finished. */
  readonly baseline?: BaselineOutcome;
}
