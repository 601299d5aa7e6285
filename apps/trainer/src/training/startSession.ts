/**
 * Runs a training session in a worker thread, since the optimizer holds the event loop of its thread, and so do short runs of a
 * program, or all of them where koffi is missing: the main thread stays free to draw progress and to hear Ctrl-C. From TypeScript
 * sources, which a worker of Node 20 cannot load, it runs in this thread.
 */

import { Worker } from "node:worker_threads";
import { UsageError } from "../usageError.ts";
import type { TrainingEvent, TrainingOutcome } from "./trainingEvent.ts";
import { isInMemory } from "./tokenParts.ts";
import { type SessionInput, trainingSession } from "./trainingSession.ts";
import { TrainingWishes } from "./trainingWishes.ts";
import type { WorkerInput, WorkerMessage } from "./trainingWorker.ts";

export interface SessionOptions {
  readonly onEvent: (event: TrainingEvent) => void;
  /** Aborting it saves and ends the training after the step that is running. */
  readonly signal?: AbortSignal | undefined;
  /** What else a person may ask for meanwhile. */
  readonly wishes?: TrainingWishes | undefined;
}

/**
 * @param input - Its tokens move to the worker and cannot be used afterwards.
 * @throws UsageError as {@link trainingSession}; Error where training failed.
 */
export async function startSession(input: SessionInput, options: SessionOptions): Promise<TrainingOutcome> {
  const { onEvent, signal, wishes = new TrainingWishes() } = options;
  const stop = (): void => wishes.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (import.meta.url.endsWith(".ts")) return await trainingSession(input, { emit: onEvent, wishes });
    return await inWorker({ session: input, wishes: wishes.memory }, onEvent);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function inWorker(input: WorkerInput, onEvent: SessionOptions["onEvent"]): Promise<TrainingOutcome> {
  const stores = input.session.parts.sources.flatMap(({ train, validation }) => [train, validation]);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./trainingWorker.js", import.meta.url), {
      workerData: input,
      transferList: [...new Set(stores.filter(isInMemory).map(({ buffer }) => buffer as ArrayBuffer))],
    });
    let outcome: TrainingOutcome | undefined;
    worker.on("message", (message: WorkerMessage) => {
      if (message.type === "event") onEvent(message.event);
      else if (message.type === "end") outcome = message.outcome;
      else reject(message.isUsageError ? asUsageError(message.error) : message.error);
    });
    worker.on("error", reject);
    // Only a thread that has ended has closed its files.
    worker.on("exit", (code) => {
      if (outcome !== undefined) resolve(outcome);
      else reject(new Error(`train: expected the training thread to end with a result, got exit code ${code}`));
    });
  });
}

function asUsageError(error: unknown): UsageError {
  return new UsageError((error as Error).message, { cause: error });
}
