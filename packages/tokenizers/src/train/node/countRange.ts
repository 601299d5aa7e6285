/**
 * Counts the pieces of a part of a file, a block at a time.
 */

import { closeSync, openSync, readSync } from "node:fs";
import { utf8Decoder } from "../../utf8.ts";
import type { PieceFeed } from "../pieceFeed.ts";
import type { DocumentUnit, FileRange } from "./fileRanges.ts";

const BLOCK = 1 << 17;

/**
 * Feeds a range; bytes that are no UTF-8 count as U+FFFD.
 *
 * @returns A generator that yields after each block.
 */
export function* countRange(
  feed: PieceFeed,
  { path, start, end }: FileRange,
  documents: DocumentUnit,
): Generator<void, void> {
  const decoder = utf8Decoder();
  const block = new Uint8Array(BLOCK);
  const write = documents === "file" ? (text: string) => feed.write(text) : (text: string) => writeLines(feed, text);
  const file = openSync(path, "r");
  try {
    for (let at = start; at < end;) {
      const read = readSync(file, block, 0, Math.min(BLOCK, end - at), at);
      if (read === 0) break;
      at += read;
      write(decoder.decode(block.subarray(0, read), { stream: true }));
      yield;
    }
  } finally {
    closeSync(file);
  }
  write(decoder.decode());
  feed.end();
}

/** Writes a text, and ends the document after each line feed. */
function writeLines(feed: PieceFeed, text: string): void {
  for (let start = 0, stop = 0; start < text.length; start = stop) {
    const feedAt = text.indexOf("\n", start);
    stop = feedAt < 0 ? text.length : feedAt + 1;
    feed.write(text.slice(start, stop));
    if (feedAt >= 0) feed.end();
  }
}
