/**
 * The worker thread's entry: a training session, whose events and end are posted to the main thread.
 */

import { parentPort, workerData } from "node:worker_threads";
import { UsageError } from "../usageError.ts";
import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";
import { type SessionInput, trainingSession } from "./trainingSession.ts";
import { TrainingWishes } from "./trainingWishes.ts";

export interface WorkerInput {
  readonly session: SessionInput;
  /** Of the main thread's wishes. */
  readonly wishes: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly type: "event"; readonly event: TrainingEvent }
  | { readonly type: "end"; readonly outcome: TrainingOutcome }
  /** An error's class does not survive the way between threads: whether it is a UsageError is said beside it. */
  | { readonly type: "error"; readonly error: unknown; readonly isUsageError: boolean };

const { session, wishes } = workerData as WorkerInput;
const port = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort has no origin, unlike a window
const post = (message: WorkerMessage): void => port?.postMessage(message);

try {
  const outcome = await trainingSession(session, {
    emit: (event) => post({ type: "event", event }),
    wishes: new TrainingWishes(wishes),
  });
  post({ type: "end", outcome });
} catch (error) {
  post({ type: "error", error, isUsageError: error instanceof UsageError });
}
