/**
 * What the page and its worker say to each other.
 */

import type { StatisticsRecord } from "@llm-learning/diagnostics";
import type { StepRecord } from "./characterTraining.ts";
import type { Backend, TrainingSettings } from "./trainingSettings.ts";

/** From the page to the worker. A worker trains once: another training takes another worker. */
export type Order =
  | { readonly type: "train"; readonly settings: TrainingSettings; readonly backend: Backend }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "weights" };

/** From the worker to the page. */
export type News =
  | {
      readonly type: "prepared";
      readonly parameterCount: number;
      readonly vocabSize: number;
      readonly lengths: { readonly train: number; readonly validation: number };
    }
  | { readonly type: "step"; readonly record: StepRecord; readonly milliseconds: number }
  | { readonly type: "evaluated"; readonly step: number; readonly valLoss: number }
  | { readonly type: "watched"; readonly step: number; readonly statistics: readonly StatisticsRecord[] }
  /** The next characters of what the model writes after this step. */
  | { readonly type: "written"; readonly step: number; readonly text: string }
  | { readonly type: "paused" }
  | { readonly type: "finished" }
  | { readonly type: "weights"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "failed"; readonly message: string };
