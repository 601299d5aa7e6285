/**
 * Token shards: files of bare token ids, little-endian, 16 or 32 bits each, as nanoGPT's prepare.py writes them and
 * `numpy.memmap` reads them. The file says nothing about itself, so the reader says which width it is. Little-endian
 * machines only, as those of numpy's users.
 */

import { open } from "node:fs/promises";
import type { TokenArray } from "../tokenArray.ts";
import { READ_AT_ONCE } from "./readWholeFile.ts";
import { writeFileAtomic } from "./writeFileAtomic.ts";

/** Width of the ids in a shard. */
export type TokenShardDType = "uint16" | "uint32";

/** Options of {@link readTokenShard}. */
export interface ReadTokenShardOptions {
  /** Width of the ids. */
  readonly dtype: TokenShardDType;
  /** Where given, every id must be below it: a file of another width or tokenizer seldom passes. */
  readonly vocabSize?: number;
}

/**
 * Writes token ids as a shard, in one step (see `writeFileAtomic`): uint16 from a Uint16Array, uint32 from a Uint32Array.
 *
 * @param path - the file, by custom named .bin
 * @param tokens - the ids, at least one
 * @throws TypeError where `tokens` is of another type
 * @throws RangeError where there are none
 */
export async function writeTokenShard(path: string, tokens: TokenArray): Promise<void> {
  if (!(tokens instanceof Uint16Array || tokens instanceof Uint32Array)) {
    const type = Object.prototype.toString.call(tokens).slice("[object ".length, -1);
    throw new TypeError(
      `writeTokenShard: expected a Uint16Array or Uint32Array, got ${type}: make one with tokenArray`,
    );
  }
  if (tokens.length === 0) throw new RangeError("writeTokenShard: expected at least one token, got none");
  await writeFileAtomic(path, new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength));
}

/**
 * Reads a whole shard.
 *
 * @param path - the file
 * @param options - width of the ids, and the vocabulary size to check them against
 * @returns a Uint16Array or Uint32Array, by `dtype`
 * @throws RangeError where the file does not exist or cannot be read, is empty, ends within an id, is larger than an array
 * can be, or holds an id that is not below `vocabSize`
 */
export async function readTokenShard(path: string, options: ReadTokenShardOptions): Promise<TokenArray> {
  const { dtype, vocabSize } = options;
  const width = shardWidth("readTokenShard", dtype);
  const bytes = await readBytes(path, width);
  const tokens = width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
  if (vocabSize !== undefined) checkIds(tokens, vocabSize, path, dtype);
  return tokens;
}

/** Bytes of an id. @throws RangeError where there is no such dtype. */
export function shardWidth(caller: string, dtype: TokenShardDType): 2 | 4 {
  if (dtype === "uint16") return 2;
  if (dtype === "uint32") return 4;
  throw new RangeError(`${caller}: expected dtype "uint16" or "uint32", got ${JSON.stringify(dtype)}`);
}

function checkIds(tokens: TokenArray, vocabSize: number, path: string, dtype: TokenShardDType): void {
  // A plain loop: findIndex would call a function for each of what may be billions of ids.
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]! >= vocabSize) {
      fail(`ids below ${vocabSize} (vocabSize)`, path, `with ${tokens[i]} at position ${i}: is it ${dtype}?`);
    }
  }
}

/** Reads a file into an array of its own size; `fs.readFile` ends at 2 GiB, which shards pass. */
async function readBytes(path: string, width: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const file = await open(path, READ_AT_ONCE);
    try {
      const info = await file.stat();
      if (!info.isFile()) fail("a token shard", path, "which is not a file");
      const { size } = info;
      if (size === 0) fail("a token shard", path, "which is empty");
      if (size % width !== 0) fail(`a multiple of ${width} bytes`, path, `with ${size}: is it of the other dtype?`);
      const bytes = new Uint8Array(size);
      for (let position = 0; position < size;) {
        const { bytesRead } = await file.read(bytes, position, Math.min(size - position, 2 ** 30), position);
        if (bytesRead === 0) fail(`${size} bytes`, path, `which ended at ${position}`);
        position += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (message.startsWith("readTokenShard: ")) throw error;
    const reason = code === "ENOENT" ? "which does not exist" : `which cannot be read (${code ?? message})`;
    return fail("a token shard", path, reason, error);
  }
}

function fail(expected: string, path: string, reason: string, cause?: unknown): never {
  throw new RangeError(
    `readTokenShard: expected ${expected}, got ${JSON.stringify(path)}, ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}
