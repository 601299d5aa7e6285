/**
 * Where a tokenizer comes from: an encoding of OpenAI's by name, or a file of one of three formats.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type EncodingName, listEncodingNames } from "@llm-learning/tokenizers/tiktoken";
import { nearest } from "../config/nearest.ts";
import { UsageError } from "../usageError.ts";
import { encodingNamed } from "./tokenizerNames.ts";

/** The formats of tokenizer files: Hugging Face's tokenizer.json, OpenAI's .tiktoken, SentencePiece's .model. */
export type TokenizerFormat = "json" | "tiktoken" | "model";

export type TokenizerSource =
  | { readonly encoding: EncodingName }
  | { readonly encoding: undefined; readonly path: string; readonly format: TokenizerFormat };

/** Far above what such files hold, far below what could hurt to parse. */
const MAX_BYTES = 1 << 26;

/**
 * Finds a tokenizer.
 *
 * @param source - An encoding's name, a file, or a directory with a tokenizer.json or a tokenizer.model, such as a run.
 * @param kinds - Other names that would have been right where this one was given; for the error.
 * @throws UsageError where there is none, or it is too large.
 */
export async function findTokenizer(source: string, kinds: readonly string[] = []): Promise<TokenizerSource> {
  const encoding = encodingNamed(source);
  if (encoding !== undefined) return { encoding };
  const info = await stat(source).catch(() => undefined);
  if (info === undefined) throw new UsageError(describeMissing(source, kinds));
  if (info.isDirectory()) return findInside(source);
  if (info.size > MAX_BYTES) {
    throw new UsageError(
      `expected a tokenizer of at most ${MAX_BYTES} bytes, got ${JSON.stringify(source)} with ${info.size}`,
    );
  }
  return { encoding, path: source, format: formatOf(source) };
}

/** The format that a file's name says; what says nothing is taken for a tokenizer.json. */
export function formatOf(path: string): TokenizerFormat {
  if (/\.tiktoken$/i.test(path)) return "tiktoken";
  return /\.model$/i.test(path) ? "model" : "json";
}

async function findInside(directory: string): Promise<TokenizerSource> {
  for (const name of ["tokenizer.json", "tokenizer.model"]) {
    const path = join(directory, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) return findTokenizer(path);
  }
  throw new UsageError(`expected a directory with a tokenizer.json, got ${JSON.stringify(directory)}, which has none`);
}

function describeMissing(source: string, kinds: readonly string[]): string {
  const near = nearest(source.replace(/^.*[/\\]/, ""), [...kinds, ...listEncodingNames()]);
  const others = kinds.map((kind) => `${kind}, `).join("");
  return (
    `expected ${others}the name of an encoding or a tokenizer file, got ${JSON.stringify(source)}, which does not exist` +
    (near === undefined ? "" : `: did you mean ${near}?`)
  );
}
