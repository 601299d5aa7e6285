/**
 * Reads files that `fs.readFile` refuses: those of 2 GiB and more.
 */

import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** How files are opened: what is none is not waited for, as a pipe would be until somebody writes to it. */
export const READ_AT_ONCE: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Most bytes of one call; the system itself takes no more than 2 GiB at once. */
const READ_BYTES = 2 ** 30;

/**
 * The bytes of a file, of any size that an array can have: 4 GiB in Node 20, more in later ones.
 *
 * @throws the file system's error where it cannot be read; Error where it is no file, or ends early; RangeError where it is too large
 */
export async function readWholeFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, READ_AT_ONCE);
  try {
    const info = await file.stat();
    if (!info.isFile()) throw new Error(`readWholeFile: expected a file, got ${JSON.stringify(path)}, which is none`);
    const bytes = new Uint8Array(info.size);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, READ_BYTES), at);
      if (bytesRead === 0) {
        throw new Error(
          `readWholeFile: expected ${bytes.length} bytes in ${JSON.stringify(path)}, got ${at}: it has been cut off meanwhile`,
        );
      }
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
