/**
 * What the primary process and its workers say to each other, besides the metrics.
 */

import type { Worker } from "node:cluster";

/** From a worker. */
export type WorkerNews =
  | { readonly type: "serve:listening"; readonly url: string }
  | { readonly type: "serve:ready" }
  /** Bad usage or bad input, which starting again would not mend. */
  | { readonly type: "serve:refused"; readonly message: string };

/** To a worker: drain, and end. */
export interface WorkerOrder {
  readonly type: "serve:drain";
  /** Whether the others go on: then new connections are theirs at once. */
  readonly leave: boolean;
}

/** Says whether a worker listens before it is ready: "late" where others serve the port meanwhile. */
export const LISTEN_VARIABLE = "LLM_LEARNING_LISTEN";

export function tellPrimary(news: WorkerNews): void {
  if (process.connected === true) process.send?.(news);
}

export function tellWorker(worker: Worker, order: WorkerOrder): void {
  if (worker.isConnected()) worker.send(order);
}
