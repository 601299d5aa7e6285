/**
 * Counts the pieces of many ranges, in this thread and in workers. Each takes the next range when it is done with one, so that all end at
 * about the same time; what they count is added up here, and a sum does not depend on its order.
 */

import { Worker } from "node:worker_threads";
import type { Pace } from "../pace.ts";
import type { PieceCounts } from "../pieceCounts.ts";
import { PieceFeed } from "../pieceFeed.ts";
import { countRange } from "./countRange.ts";
import type { CountingWorkerData, CountingWorkerMessage } from "./countingWorker.ts";
import type { FileRange } from "./fileRanges.ts";

/** How {@link countRanges} works. */
export interface CountingOptions extends CountingWorkerData {
  /** Workers besides this thread. */
  readonly workers: number;
  /** Called when a range is done. */
  readonly onRange: (range: FileRange, pieces: number) => void;
}

/** Ranges that a worker is sent ahead, so that it does not wait while this thread counts. */
const AHEAD = 2;

/** @throws What the pace throws when the training is aborted; what fails in a worker. */
export async function countRanges(
  ranges: readonly FileRange[],
  options: CountingOptions,
  pace: Pace,
): Promise<PieceCounts> {
  const { pattern, maxPieceBytes, documents, mostBytes, onRange } = options;
  const workerData: CountingWorkerData = { pattern, maxPieceBytes, documents, mostBytes };
  const workers = Array.from({ length: hasWorkers() ? options.workers : 0 }, () => {
    return new Worker(new URL(workerFile(), import.meta.url), { workerData });
  });
  const feed = new PieceFeed(pattern, maxPieceBytes);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let isLast = false;
      // After the ranges comes nothing: the question for what the worker still keeps.
      const sendNext = () => {
        if (isLast) return;
        isLast = next === ranges.length;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin, unlike a window
        worker.postMessage(isLast ? undefined : ranges[next++]);
      };
      worker.on("message", ({ range, pieces }: CountingWorkerMessage) => {
        try {
          if (range !== undefined) sendNext();
          if (pieces !== undefined) feed.counts.addAll(pieces);
          if (range === undefined) resolve();
          else onRange(range, feed.counts.size);
        } catch (error) {
          reject(error);
        }
      });
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`trainBpeFromFiles: a worker ended with exit code ${code}`)));
      for (let sent = 0; sent < AHEAD; sent++) sendNext();
    });
  const working = Promise.all(workers.map(work));
  working.catch((error: unknown) => (failure = { error }));
  try {
    while (next < ranges.length) {
      const range = ranges[next++] as FileRange;
      for (const _ of countRange(feed, range, documents)) {
        if (pace.isDue) await pace.turn();
        if (failure !== undefined) throw failure.error;
      }
      onRange(range, feed.counts.size);
    }
    await pace.wait(working);
    return feed.counts;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Whether this process can start the workers: from TypeScript sources, Node has to read TypeScript. */
function hasWorkers(): boolean {
  const { features } = process;
  return !import.meta.url.endsWith(".ts") || ("typescript" in features && features.typescript !== false);
}

function workerFile(): string {
  return import.meta.url.endsWith(".ts") ? "./countingWorker.ts" : "./countingWorker.js";
}
