/**
 * Files in ranges of bytes that can be counted apart: cut where the pieces of the whole are those of the parts.
 */

import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isSafeCut } from "../safeCut.ts";

/** What counts as one document: no piece reaches beyond it. */
export type DocumentUnit = "file" | "line";

/** A part of a file. */
export interface FileRange {
  readonly path: string;
  /** First byte. */
  readonly start: number;
  /** One more than the last byte. */
  readonly end: number;
}

const WINDOW = 1 << 16;
/** Two characters, which tell whether a text can be cut after them. */
const BEFORE = 8;
const LINE_FEED = 0x0a;

/** The size of a file. @throws Error if it cannot be read, or is no file. */
export function fileSize(path: string): number {
  return withFile(path, (file) => {
    const stat = fstatSync(file);
    if (stat.isFile()) return stat.size;
    throw new Error(
      `trainBpeFromFiles: expected ${path} to be a file, got something else; pass the texts of a stream to trainBpe`,
    );
  });
}

/**
 * Cuts a file into ranges.
 *
 * @param size - The file's size.
 * @param wanted - Bytes of a range; it is longer where there is no place to cut.
 */
export function rangesOf(path: string, size: number, wanted: number, documents: DocumentUnit): FileRange[] {
  return withFile(path, (file) => {
    const ranges: FileRange[] = [];
    for (let start = 0, end = 0; start < size; start = end) {
      end = start + wanted >= size ? size : cutAfter(file, start + wanted, size, documents);
      ranges.push({ path, start, end });
    }
    return ranges;
  });
}

/** The first place from `from` on where the file can be cut, or its end. */
function cutAfter(file: number, from: number, size: number, documents: DocumentUnit): number {
  const bytes = new Uint8Array(BEFORE + WINDOW + BEFORE);
  for (let base = from; base < size; base += WINDOW) {
    bytes.fill(0);
    const first = Math.max(0, base - BEFORE);
    const read = readSync(file, bytes, 0, bytes.length - BEFORE, first);
    if (read <= 0) break;
    for (let at = base - first; at < Math.min(read, size - first); at++)
      if (isCut(bytes, at, documents)) return first + at;
  }
  return size;
}

/** Whether bytes, which need not be UTF-8, can be cut before the one at `at`; 8 zero bytes follow them. */
function isCut(bytes: Uint8Array, at: number, documents: DocumentUnit): boolean {
  if (documents === "line") return at > 0 && bytes[at - 1] === LINE_FEED;
  let start = Math.max(0, at - BEFORE);
  while (start < at && ((bytes[start] as number) & 0xc0) === 0x80) start++;
  let end = at + 1;
  while (end < at + 4 && ((bytes[end] as number) & 0xc0) === 0x80) end++;
  return isSafeCut(bytes, start, at) && isUtf8(bytes.subarray(start, end));
}

function withFile<T>(path: string, use: (file: number) => T): T {
  const file = openSync(path, "r");
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
