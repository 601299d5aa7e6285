/**
 * The worker thread's entry: a training session, whose events and end are posted to the main thread.
 */

import { parentPort, workerData } from "node:worker_threads";
import { UsageError } from "../usageError.ts";
import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";
import { type SessionInput, trainingSession } from "./trainingSession.ts";

export interface WorkerInput {
  readonly session: SessionInput;
  /** Int32: not 0 asks to save and end. */
  readonly stop: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly type: "event"; readonly event: TrainingEvent }
  | { readonly type: "end"; readonly outcome: TrainingOutcome }
  /** An error's class does not survive the way between threads: whether it is a UsageError is said beside it. */
  | { readonly type: "error"; readonly error: unknown; readonly isUsageError: boolean };

const { session, stop } = workerData as WorkerInput;
const flag = new Int32Array(stop);
const port = parentPort;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort has no origin, unlike a window
const post = (message: WorkerMessage): void => port?.postMessage(message);

try {
  const outcome = await trainingSession(session, {
    emit: (event) => post({ type: "event", event }),
    isStopped: () => Atomics.load(flag, 0) !== 0,
  });
  post({ type: "end", outcome });
} catch (error) {
  post({ type: "error", error, isUsageError: error instanceof UsageError });
}
