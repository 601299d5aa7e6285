/**
 * A worker thread's entry: counts the pieces of the ranges that it is given, and hands the counts over when they have grown large, or when
 * it is asked for them.
 */

import { parentPort, workerData } from "node:worker_threads";
import type { PatternName } from "../../tiktoken/encodingDefinitions.ts";
import type { CountedPieces } from "../pieceCounts.ts";
import { PieceFeed } from "../pieceFeed.ts";
import { countRange } from "./countRange.ts";
import type { DocumentUnit, FileRange } from "./fileRanges.ts";

/** What a worker is started with. */
export interface CountingWorkerData {
  readonly pattern: PatternName;
  readonly maxPieceBytes: number;
  readonly documents: DocumentUnit;
  /** Counts that take more memory are handed over. */
  readonly mostBytes: number;
}

/** What a worker answers when it is done with a range, or, given none, with all it counted. */
export interface CountingWorkerMessage {
  readonly range: FileRange | undefined;
  readonly pieces: CountedPieces | undefined;
}

const { pattern, maxPieceBytes, documents, mostBytes } = workerData as CountingWorkerData;
const feed = new PieceFeed(pattern, maxPieceBytes);
const port = parentPort;

port?.on("message", (range: FileRange | undefined) => {
  if (range !== undefined) for (const _ of countRange(feed, range, documents));
  const isDue = range === undefined || feed.counts.byteLength > mostBytes;
  const pieces = isDue ? feed.counts.take() : undefined;
  const message: CountingWorkerMessage = { range, pieces };
  port.postMessage(
    message,
    pieces === undefined ? [] : [pieces.offsets.buffer, pieces.bytes.buffer, pieces.counts.buffer],
  );
});
