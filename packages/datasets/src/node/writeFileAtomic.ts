/**
 * Writes a file so that whoever reads it, after a crash or a kill too, finds the old content or the new, never a part: to a
 * temporary name in the same folder, synced, renamed over the target, and the folder synced so that the rename lasts. A
 * process that is killed meanwhile leaves its temporary file, `.NAME.ID.tmp`, which nobody reads and anybody may delete.
 */

import { randomUUID } from "node:crypto";
import { open, rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What a file is to hold: bytes, a text to be written as UTF-8, or bytes in pieces, which together may be more than one array can hold. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array>;

/**
 * Replaces or creates a file as one step.
 *
 * @param path - the file; its folder must exist. A symbolic link is replaced, not followed
 * @param content - the bytes or text; they are not copied, and must not change meanwhile
 * @throws Error where the file cannot be written; `path` is then as it was, the temporary file is gone, and `cause` is the
 * system's error
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  // The name is unique, so that two writers of one file do not write into each other; a leading dot hides it from readers.
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
  let created = false;
  try {
    const file = await open(temporary, "wx");
    created = true;
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    if (created) await unlink(temporary).catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`writeFileAtomic: expected to write ${JSON.stringify(path)}, got ${reason}`, { cause });
  }
  await syncFolder(folder);
}

/**
 * Makes a rename in a folder last, where the system can sync a folder (Windows cannot): what was renamed is in place by then, so that
 * no error is told.
 *
 * @param folder - the folder in which something was renamed
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}
