/**
 * A token shard that stays on disk: no more of it is in memory than is asked for, so it may be larger than memory. Each read is
 * one call of the system at a place of an open file, which the system answers from its own cache where it can.
 *
 * A file that is written to while it is read is refused: what was trained on could not be told any more.
 */

import { closeSync, fstatSync, openSync, read, readSync, type Stats } from "node:fs";
import type { TokenArray } from "../tokenArray.ts";
import type { TokenSequence } from "../tokenSequence.ts";
import { READ_AT_ONCE } from "./readWholeFile.ts";
import { type ReadTokenShardOptions, shardWidth, type TokenShardDType } from "./tokenShard.ts";

/** By what a file is known again without reading it. */
export interface TokenFileVersion {
  /** Bytes. */
  readonly size: number;
  /** When it was last written to, in milliseconds since 1970. */
  readonly modified: number;
}

/** Options of {@link TokenFile}. */
export interface TokenFileOptions extends ReadTokenShardOptions {
  /** What the file was when it was looked at before: any other is refused. @defaultValue any */
  readonly version?: TokenFileVersion | undefined;
}

/** Most bytes of one call; the system itself takes no more than 2 GiB at once. */
const READ_BYTES = 2 ** 30;

/** What the system's answers mean, where its own word for it is of no help. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "does not exist"],
  ["EMFILE", "is one more than a process may have open: raise the limit (ulimit -n), or join shards"],
]);

/** Whether the file was written to is looked at once in so many reads: a look takes as long as the read of a window. */
const READS_PER_LOOK = 16;

/**
 * The tokens of an open file.
 *
 * @example
 * ```ts
 * const file = new TokenFile("train.bin", { dtype: "uint16", vocabSize: 50257 });
 * const windows = new TextWindows(file, 1024); // of a file of any size
 * file.close();
 * ```
 */
export class TokenFile implements TokenSequence {
  readonly path: string;
  readonly dtype: TokenShardDType;
  readonly length: number;
  readonly version: TokenFileVersion;
  readonly #vocabSize: number;
  readonly #width: number;
  #descriptor: number | undefined;
  #reads = 0;
  /** Reads under way that nobody waits for. */
  #prefetches = 0;

  /**
   * Opens a file.
   *
   * @throws RangeError where it does not exist, cannot be read, is empty, ends within an id, or is another than `version` says
   */
  constructor(path: string, { dtype, vocabSize = Infinity, version }: TokenFileOptions) {
    this.path = path;
    this.dtype = dtype;
    this.#vocabSize = vocabSize;
    this.#width = shardWidth("TokenFile", dtype);
    this.#descriptor = this.#tryTo(() => openSync(path, READ_AT_ONCE));
    try {
      const info = this.#info();
      this.version = versionOf(info);
      if (version !== undefined) this.#expectVersion(this.version, version);
      const { size } = info;
      if (!info.isFile()) this.#fail("a token shard", "which is not a file");
      if (size === 0) this.#fail("a token shard", "which is empty");
      if (size % this.#width !== 0) {
        this.#fail(`a multiple of ${this.#width} bytes`, `with ${size}: is it of another dtype than ${dtype}?`);
      }
      this.length = size / this.#width;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Reads ids into a new array.
   *
   * @throws RangeError where a place is outside the file, the file cannot be read, was cut off or written to since it was opened (which
   * is noticed within 16 reads), or an id is not below `vocabSize`; Error where it was closed
   */
  subarray(begin = 0, end: number = this.length): TokenArray {
    if (
      !(Number.isSafeInteger(begin) && Number.isSafeInteger(end) && 0 <= begin && begin <= end && end <= this.length)
    ) {
      throw new RangeError(
        `TokenFile.subarray: expected places from 0 to ${this.length}, the first no higher, got ${begin} and ${end}`,
      );
    }
    const bytes = this.#read(begin * this.#width, (end - begin) * this.#width);
    const tokens = this.#width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
    this.#checkIds(tokens, begin);
    return tokens;
  }

  /** Has the system read a place into its cache, beside what this thread does. What goes wrong is told by the read that follows. */
  prefetch(begin: number, end: number): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    const length = (end - begin) * this.#width;
    this.#prefetches++;
    read(descriptor, Buffer.allocUnsafe(length), 0, length, begin * this.#width, () => {
      this.#prefetches--;
      if (this.#descriptor === undefined && this.#prefetches === 0) closeSync(descriptor);
    });
  }

  /** Closes the file; a second time does nothing. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    // Of a closed file's number another may make use: whoever still reads closes.
    if (descriptor !== undefined && this.#prefetches === 0) closeSync(descriptor);
  }

  #read(position: number, length: number): Uint8Array<ArrayBuffer> {
    const descriptor = this.#open();
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const count = Math.min(length - at, READ_BYTES);
      const bytesRead = this.#tryTo(() => readSync(descriptor, bytes, at, count, position + at));
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    const isWhole = at === length;
    // After the read: what was written before it is seen here.
    if (!isWhole || this.#reads++ % READS_PER_LOOK === 0) this.#expectVersion(versionOf(this.#info()), this.version);
    if (!isWhole) this.#fail(`${this.version.size} bytes`, `which ended at ${position + at}`);
    return bytes;
  }

  #expectVersion(found: TokenFileVersion, { size, modified }: TokenFileVersion): void {
    if (found.size !== size) {
      this.#fail("a token shard that nobody changes", `which had ${size} bytes and has ${found.size} now`);
    }
    if (found.modified !== modified) this.#fail("a token shard that nobody changes", "which was written to meanwhile");
  }

  #checkIds(tokens: TokenArray, begin: number): void {
    const vocabSize = this.#vocabSize;
    for (let i = 0; i < tokens.length; i++) {
      if (tokens[i]! < vocabSize) continue;
      this.#fail(
        `ids below ${vocabSize} (vocabSize)`,
        `with ${tokens[i]} at position ${begin + i}: is it ${this.dtype}, and of this tokenizer?`,
      );
    }
  }

  #info(): Stats {
    return this.#tryTo(() => fstatSync(this.#open()));
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`TokenFile: expected an open file, got ${this.path}, closed`);
    return this.#descriptor;
  }

  #tryTo<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return this.#fail("a token shard", `which ${reasons.get(code) ?? `cannot be read (${code})`}`, error);
    }
  }

  #fail(expected: string, reason: string, cause?: unknown): never {
    throw new RangeError(
      `TokenFile: expected ${expected}, got ${JSON.stringify(this.path)}, ${reason}`,
      cause === undefined ? undefined : { cause },
    );
  }
}

function versionOf({ size, mtimeMs }: Stats): TokenFileVersion {
  return { size, modified: mtimeMs };
}
