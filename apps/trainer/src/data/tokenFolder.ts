/**
 * Folders of token shards: those of `data prepare`, which say in their index what is in them and bring their tokenizer, and
 * nanoGPT's with its train.bin and val.bin, which say nothing. nanoGPT's meta.pkl is not read: unpickling a file runs it.
 */

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TokenFile, type TokenShardDType } from "@llm-learning/datasets/node";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { readTextIn } from "../foreignDirectory.ts";
import { withoutPadding } from "../import/paddedTokenizer.ts";
import type { TokenFilePlace, TokenFiles } from "../training/tokenParts.ts";
import { inFile, UsageError, withUserInputSync } from "../usageError.ts";
import { INDEX_FILE, isTokenIndex, parseTokenIndex, type TokenIndex, tokenizerHash } from "./tokenIndex.ts";

/** A folder that was found to hold token shards. */
export interface TokenFolder {
  readonly root: string;
  /** Of `data prepare`; undefined in nanoGPT's. */
  readonly index: TokenIndex | undefined;
  /** SHA-256 of the index. */
  readonly indexHash: string | undefined;
}

/** The files of a folder, looked at. */
export interface TokenFolderFiles {
  readonly train: TokenFiles;
  readonly validation: TokenFiles;
  /**
   * By what the tokens are known again: SHA-256 of the vocabulary's size, the width of the ids, the index, and of each file its length
   * and pages of it (see {@link PAGES}). What stands in no page and in no index may change unnoticed.
   */
  readonly hash: string;
}

const MAX_INDEX_BYTES = 1 << 26;

/** A page of a file, in tokens. */
const PAGE = 1 << 15;

/**
 * As many pages are looked at in all, evenly spread over each file, its first and last among them: a second's work, however large it
 * is. Of more files than half as many two of each are.
 */
const PAGES = 256;

/**
 * Finds out whether a path is such a folder.
 *
 * @throws UsageError where its index is damaged.
 */
export async function findTokenFolder(path: string): Promise<TokenFolder | undefined> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const indexPath = join(path, INDEX_FILE);
  const info = await stat(indexPath).catch(() => undefined);
  if (info?.isFile() === true && info.size <= MAX_INDEX_BYTES) {
    const text = await readTextIn("data", indexPath, MAX_INDEX_BYTES);
    if (isTokenIndex(text)) {
      const index = await inFile(indexPath, () => parseTokenIndex(text));
      return { root: path, index, indexHash: createHash("sha256").update(text).digest("hex") };
    }
  }
  const names = await Promise.all(
    ["train.bin", "val.bin"].map((name) => stat(join(path, name)).catch(() => undefined)),
  );
  return names.some((file) => file !== undefined) ? { root: path, index: undefined, indexHash: undefined } : undefined;
}

/**
 * Looks at the files of a folder: whether they are what the index says, and whether the ids in some pages of them are the
 * tokenizer's. Two files of up to 4 million tokens each are looked at as a whole.
 *
 * @throws UsageError naming the file that is missing or damaged; where the folder was prepared with another tokenizer.
 */
export function lookAtFiles({ root, index, indexHash }: TokenFolder, tokenizer: Tokenizer): TokenFolderFiles {
  const { vocabSize } = tokenizer;
  const dtype: TokenShardDType = index?.dtype ?? (vocabSize <= 2 ** 16 ? "uint16" : "uint32");
  const hash = createHash("sha256").update(`${vocabSize}\nshards ${dtype} ${indexHash ?? "without an index"}\n`);
  const splits = index?.splits;
  const shards = [splits?.train.shards ?? [{ file: "train.bin" }], splits?.validation.shards ?? [{ file: "val.bin" }]];
  const pages = Math.max(2, Math.floor(PAGES / (shards[0].length + shards[1].length)));
  const [train, validation] = shards.map((list) => ({
    dtype,
    vocabSize,
    files: list.map((shard: { readonly file: string; readonly tokens?: number }): TokenFilePlace => {
      const path = join(root, shard.file);
      const place = withUserInputSync(() =>
        lookAt(path, { dtype, vocabSize, pages, visit: (page) => hash.update(page) }),
      );
      if (shard.tokens !== undefined && shard.tokens !== place.length) {
        throw new UsageError(
          `expected ${shard.tokens} tokens in ${JSON.stringify(path)}, as ${INDEX_FILE} says, got ${place.length}`,
        );
      }
      hash.update(`\n${place.length}\n`);
      return place;
    }),
  }));
  return { train, validation, hash: hash.digest("hex") };
}

/** @throws UsageError where the folder's index knows its tokenizer, and this is another, padding for a model's rows aside. */
export function expectTokenizerOf({ root, index }: TokenFolder, tokenizer: Tokenizer): void {
  if (index === undefined) return;
  const document = tokenizer.toJSON();
  if ([document, withoutPadding(document)].some((one) => tokenizerHash(one) === index.tokenizer.hash)) return;
  throw new UsageError(
    `expected the tokenizer that ${JSON.stringify(root)} was prepared with (${index.tokenizer.name}), got another: prepare ` +
      "the data anew, or leave out --tokenizer where it was given",
  );
}

interface LookOptions {
  readonly dtype: TokenShardDType;
  readonly vocabSize: number;
  /** Number of pages. */
  readonly pages: number;
  readonly visit: (page: Uint8Array) => void;
}

function lookAt(path: string, { dtype, vocabSize, pages, visit }: LookOptions): TokenFilePlace {
  const file = new TokenFile(path, { dtype, vocabSize });
  try {
    const { length, version } = file;
    const last = Math.ceil(length / PAGE) - 1;
    const count = Math.min(last + 1, pages);
    for (let i = 0; i < count; i++) {
      const page = count === 1 ? 0 : Math.floor((i * last) / (count - 1));
      const ids = file.subarray(page * PAGE, Math.min(length, (page + 1) * PAGE));
      visit(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
    }
    return { path, version, length };
  } finally {
    file.close();
  }
}
