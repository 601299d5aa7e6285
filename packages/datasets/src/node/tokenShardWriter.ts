/**
 * Writes a token shard piece by piece, so that it may be larger than memory: to a temporary name, synced and renamed at the end, as
 * `writeFileAtomic` does with what is in memory.
 */

import { createHash, randomUUID, type Hash } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { shardWidth, type TokenShardDType } from "./tokenShard.ts";
import { syncFolder } from "./writeFileAtomic.ts";

/** A shard that was written. */
export interface WrittenTokenShard {
  readonly path: string;
  /** Number of ids. */
  readonly tokens: number;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly hash: string;
}

/** Bytes that are gathered before they are written. */
const BUFFER_BYTES = 1 << 20;

/**
 * A shard that is being written.
 *
 * @example
 * ```ts
 * const writer = await TokenShardWriter.create("train.bin", { dtype: "uint16" });
 * await writer.write([5, 6, 7]);
 * await writer.finish(); // only now is there a train.bin
 * ```
 */
export class TokenShardWriter {
  readonly path: string;
  readonly dtype: TokenShardDType;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  /** Ids in the buffer. */
  #held = 0;
  #tokens = 0;

  private constructor(path: string, dtype: TokenShardDType, temporary: string, file: FileHandle) {
    const length = BUFFER_BYTES / shardWidth("TokenShardWriter", dtype);
    this.path = path;
    this.dtype = dtype;
    this.#temporary = temporary;
    this.#file = file;
    this.#buffer = dtype === "uint16" ? new Uint16Array(length) : new Uint32Array(length);
  }

  /**
   * Begins a shard.
   *
   * @param path - the file, which is replaced at the end; its folder must exist
   * @throws RangeError for another dtype; the file system's error where the file cannot be made
   */
  static async create(path: string, { dtype }: { readonly dtype: TokenShardDType }): Promise<TokenShardWriter> {
    shardWidth("TokenShardWriter", dtype);
    const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
    return new TokenShardWriter(path, dtype, temporary, await open(temporary, "wx"));
  }

  /** Number of ids so far. */
  get tokens(): number {
    return this.#tokens;
  }

  /**
   * Appends ids.
   *
   * @throws RangeError where one does not fit in `dtype`; the file system's error where the disk is full
   */
  async write(ids: ArrayLike<number>): Promise<void> {
    const buffer = this.#buffer;
    const limit = this.dtype === "uint16" ? 2 ** 16 : 2 ** 32;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (!(Number.isInteger(id) && id >= 0 && id < limit)) {
        throw new RangeError(`TokenShardWriter.write: expected ids below ${limit} (${this.dtype}), got ${String(id)}`);
      }
      buffer[this.#held++] = id;
      this.#tokens++;
      if (this.#held === buffer.length) await this.#flush();
    }
  }

  /**
   * Puts the shard in its place.
   *
   * @throws RangeError where it has no ids; the file system's error. What was written so far is gone then, and `path` as it was
   */
  async finish(): Promise<WrittenTokenShard> {
    try {
      if (this.#tokens === 0) throw new RangeError("TokenShardWriter.finish: expected at least one token, got none");
      await this.#flush();
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.path);
    } catch (error) {
      await this.abort();
      throw error;
    }
    await syncFolder(dirname(this.path));
    return { path: this.path, tokens: this.#tokens, hash: this.#hash.digest("hex") };
  }

  /** Gives the shard up; nothing of it remains. */
  async abort(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const { buffer } = this.#buffer;
    const bytes = new Uint8Array(buffer, 0, this.#held * this.#buffer.BYTES_PER_ELEMENT);
    this.#held = 0;
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  }
}
