/**
 * The index of a folder of token shards: `index.json`, written by `data prepare`. It says what the bare ids of the files are.
 */

import { createHash } from "node:crypto";
import type { TokenizerJson } from "@llm-learning/tokenizers";
import { z } from "zod";
import { parseJson } from "../foreignDirectory.ts";
import { UsageError } from "../usageError.ts";

/** The name of the file. */
export const INDEX_FILE = "index.json";

const FORMAT = "llm-learning-tokens";

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const shardSchema = z.strictObject({
  /** Name of the file, which stands beside the index. */
  file: z.string().regex(/^[\w-][\w.-]{0,200}\.bin$/),
  tokens: count.min(1),
  /** SHA-256 of the file as it was written. */
  hash,
});

const splitSchema = z.strictObject({
  tokens: count,
  documents: count,
  /** UTF-8 of the text that the tokens stand for. */
  bytes: count,
  shards: z.array(shardSchema).min(1).max(100_000),
});

const indexSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** Width of the ids, little-endian. */
  dtype: z.enum(["uint16", "uint32"]),
  tokenizer: z.strictObject({ name: z.string(), vocabSize: count.min(1), hash }),
  /** The token behind every document; null where they are parted by nothing of the kind. */
  endOfText: z.strictObject({ id: count, token: z.string() }).nullable(),
  splits: z.strictObject({ train: splitSchema, validation: splitSchema }),
});

/** What an index says. */
export type TokenIndex = Readonly<z.infer<typeof indexSchema>>;

/** One of its two parts. */
export type TokenSplitIndex = TokenIndex["splits"]["train"];

/** Whether a JSON text is an index, right or wrong, and not another file of that name. */
export function isTokenIndex(text: string): boolean {
  return text.includes(`"${FORMAT}"`);
}

/** Reads an index. @throws UsageError naming the first thing that is wrong. */
export function parseTokenIndex(text: string): TokenIndex {
  const result = indexSchema.safeParse(parseJson(text));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  throw new UsageError(`expected an index of token shards, got ${path.join(".") || "the document"}: ${message}`);
}

/** The file's text. */
export function formatTokenIndex(index: TokenIndex): string {
  return `${JSON.stringify(index, null, 2)}\n`;
}

/** By what a tokenizer is known again: SHA-256 of its tokenizer.json, white space aside. */
export function tokenizerHash(document: TokenizerJson): string {
  return createHash("sha256").update(JSON.stringify(document)).digest("hex");
}
