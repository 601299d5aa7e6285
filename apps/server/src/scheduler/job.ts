/**
 * Tasks as the scheduler holds them: what was asked, and how far it has come.
 */

import type { EmbeddingTask, GenerationTask } from "../engine/engine.ts";
import type { GenerationRun } from "./generationRun.ts";
import type { PromptReader } from "./promptReader.ts";

/** A task that is to be done. */
export type Job = GenerationJob | EmbeddingJob;

interface JobState {
  readonly id: number;
  /** It was cancelled: it ends as soon as the model does not run. */
  isCancelled: boolean;
}

/** A prompt to continue. */
export interface GenerationJob extends JobState {
  readonly kind: "generation";
  readonly task: GenerationTask;
  readonly run: GenerationRun;
  /** When it came, in milliseconds since 1970. */
  readonly entered: number;
  /** Undefined while it waits. */
  place: Place | undefined;
}

/** Where a prompt is read and continued. */
export interface Place {
  readonly slot: number;
  readonly reader: PromptReader;
  /** When it was given the slot. */
  readonly since: number;
}

/** A text to embed; it needs no slot. */
export interface EmbeddingJob extends JobState {
  readonly kind: "embedding";
  readonly task: EmbeddingTask;
}
