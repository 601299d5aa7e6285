/**
 * The folder of event files of a run: a file for each session, in the order of their names. A session that goes on from a
 * checkpoint first takes back what the ones before had recorded beyond it, so that no step is there twice.
 */

import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeDirectory, writeFileAtomic } from "@llm-learning/datasets/node";
import { eventFileHeader, eventFileName } from "@llm-learning/diagnostics";

/** Bytes around a record: its length and a checksum in front, a checksum behind. */
const FRAME_HEAD = 12;
const FRAME_TAIL = 4;

/**
 * Opens the file of a new session that begins at `step`.
 *
 * @param wallTime - Seconds since 1970.
 */
export async function openEventFile(folder: string, step: number, wallTime: number): Promise<FileHandle> {
  await makeDirectory(folder);
  const names = (await readdir(folder)).filter((name) => name.startsWith("events.out.tfevents."));
  for (const name of names) await takeBack(join(folder, name), step);
  const newest = Math.max(0, ...names.map((name) => Number(name.split(".")[3]) || 0));
  // Files are read in the order of their names, whatever a clock says.
  const seconds = Math.max(Math.floor(wallTime), newest + 1);
  const file = await open(join(folder, eventFileName(seconds, hostname(), process.pid)), "wx");
  await file.appendFile(eventFileHeader(wallTime));
  return file;
}

/** Cuts a file before the first event of `step` or later, or before the first that a kill has cut short. */
async function takeBack(path: string, step: number): Promise<void> {
  const bytes = await readFile(path);
  const end = endOfEventsBefore(bytes, step);
  if (end < bytes.length) await writeFileAtomic(path, bytes.subarray(0, end));
}

/** Where the events before `step` end. */
export function endOfEventsBefore(bytes: Uint8Array, step: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset + FRAME_HEAD <= bytes.length) {
    const length = Number(view.getBigUint64(offset, true));
    const end = offset + FRAME_HEAD + length + FRAME_TAIL;
    if (end > bytes.length) break;
    if (stepOf(bytes.subarray(offset + FRAME_HEAD, end - FRAME_TAIL)) >= step) break;
    offset = end;
  }
  return offset;
}

/**
 * The step of an `Event` as our encoder writes it: 9 bytes of time in field 1, then the step in field 2, which is left out where it
 * is 0. The header of a file has a name in field 3 and no step.
 */
function stepOf(event: Uint8Array): number {
  if (event[9] !== 0x10) return event[9] === 0x1a ? -1 : 0;
  let step = 0;
  for (let i = 10, unit = 1; i < event.length; i++, unit *= 128) {
    step += (event[i] & 0x7f) * unit;
    if (event[i] < 0x80) break;
  }
  return step;
}
