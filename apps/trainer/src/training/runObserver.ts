/**
 * Whoever watches a training beside the terminal: the dashboard, event files.
 */

import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";

export interface RunObserver {
  /** Told of every event, in order. */
  handle(event: TrainingEvent): void;
  /** Told how training ended. */
  end(outcome: TrainingOutcome): void;
  /** Finishes what is under way. */
  close(): Promise<void>;
}
