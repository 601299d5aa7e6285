/**
 * Tasks as the scheduler holds them: what was asked, and how far it has come.
 */

import type { EmbeddingTask, GenerationTask } from "../engine/engine.ts";
import type { EmbeddingReader } from "./embeddingReader.ts";
import type { GenerationRun } from "./generationRun.ts";
import type { PromptReader } from "./promptReader.ts";

/** A task that is to be done. */
export type Job = GenerationJob | EmbeddingJob;

interface JobState<Reader> {
  readonly id: number;
  /** It was cancelled: it ends as soon as the model does not run. */
  isCancelled: boolean;
  /** Undefined while it waits. */
  place: Place<Reader> | undefined;
}

/** A prompt to continue. */
export interface GenerationJob extends JobState<PromptReader> {
  readonly kind: "generation";
  readonly task: GenerationTask;
  readonly run: GenerationRun;
  /** When it came, in milliseconds since 1970. */
  readonly entered: number;
}

/** Where a text is read. */
export interface Place<Reader> {
  readonly slot: number;
  readonly reader: Reader;
  /** When it was given the slot. */
  readonly since: number;
}

/** A text to embed. Its place is no slot of the model: there is one for all such texts. */
export interface EmbeddingJob extends JobState<EmbeddingReader> {
  readonly kind: "embedding";
  readonly task: EmbeddingTask;
}
