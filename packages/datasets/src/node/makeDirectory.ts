/**
 * Makes a folder and the missing ones above it, one by one.
 *
 * Not `mkdir` with `recursive`: in a file system that answers "no such folder" for a folder that cannot be made, such as /proc, Node
 * tries again forever.
 */

import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes `path` if it is not there, and what is missing above it.
 *
 * @throws the file system's error where a folder cannot be made, or a file is in the way.
 */
export async function makeDirectory(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      await mkdir(folder);
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST" && (await stat(folder)).isDirectory()) break;
      if (code !== "ENOENT" || folder === dirname(folder)) throw error;
      missing.push(folder);
    }
  }
  for (const folder of missing.toReversed()) await mkdir(folder);
}
