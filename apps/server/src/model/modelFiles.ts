/**
 * The files of a model directory, which may come from anywhere: each is read only where it is a file, inside the directory also behind
 * links, and no larger than such a file should be.
 */

import { open, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { UsageError } from "../usageError.ts";

export class ModelFiles {
  /** The directory as it was named. */
  readonly path: string;
  /** The directory itself, links followed. */
  readonly #root: string;

  private constructor(path: string, root: string) {
    this.path = path;
    this.#root = root;
  }

  /** @throws UsageError where there is no such directory. */
  static async in(path: string): Promise<ModelFiles> {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory() === true) return new ModelFiles(path, await realpath(path));
    const got = info === undefined ? "which does not exist" : "which is a file";
    throw new UsageError(`expected a model directory, got ${JSON.stringify(path)}, ${got}`);
  }

  /**
   * Where a file is.
   *
   * @param name - Its path in the directory, such as `onnx/model.onnx`.
   * @returns undefined where there is none.
   * @throws UsageError where a link leads out of the directory.
   */
  async find(name: string): Promise<string | undefined> {
    const path = join(this.path, name);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || !(await stat(real)).isFile()) return undefined;
    if (!real.startsWith(this.#root + sep)) {
      throw new UsageError(
        `expected the files of a model inside its directory, got ${JSON.stringify(path)}, a link to ${JSON.stringify(real)}; ` +
          "copy the files instead of linking them",
      );
    }
    return path;
  }

  /**
   * The text of a file, UTF-8, without a byte order mark.
   *
   * @returns undefined where there is none.
   * @throws UsageError where it is too large or unreadable, or a link leads out of the directory.
   */
  async text(name: string, maxBytes: number): Promise<string | undefined> {
    const path = await this.find(name);
    if (path === undefined) return undefined;
    const bytes = await readAtMost(path, maxBytes);
    const text = bytes.toString("utf8");
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  /** As {@link text}. @throws UsageError also where there is none. */
  async requiredText(name: string, maxBytes: number): Promise<string> {
    const text = await this.text(name, maxBytes);
    if (text !== undefined) return text;
    throw new UsageError(`expected a model directory with ${JSON.stringify(join(this.path, name))}, got none`);
  }
}

/** The bytes of a file, of which no more than `maxBytes` are ever read, whatever its size is said to be. */
export async function readAtMost(path: string, maxBytes: number): Promise<Buffer> {
  let file;
  try {
    file = await open(path);
    const { size } = await file.stat();
    if (size > maxBytes)
      throw new UsageError(`expected at most ${maxBytes} bytes in ${JSON.stringify(path)}, got ${size}`);
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`expected a readable ${JSON.stringify(path)}, got ${(cause as Error).message}`, { cause });
  } finally {
    await file?.close();
  }
}
