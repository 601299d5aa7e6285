/**
 * The tokenizer that a model is to be trained with, where it is not made from the text: an encoding of OpenAI's by name, or a
 * `tokenizer.json`, which may come from anywhere and is checked before it is used.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readText } from "@llm-learning/datasets/node";
import { BpeTokenizer, parseTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { getEncoding, listEncodingNames } from "@llm-learning/tokenizers/tiktoken";
import { nearest } from "../config/nearest.ts";
import { inFile } from "../run/openRun.ts";
import { UsageError } from "../usageError.ts";
import { encodingNamed, tokenizerKinds } from "./tokenizerNames.ts";

/** Far above what such a file holds, far below what could hurt to parse. */
const MAX_BYTES = 1 << 26;

/**
 * Opens a tokenizer.
 *
 * @param source - An encoding's name, a `tokenizer.json`, or a directory with one, such as a run.
 * @throws UsageError where there is none, or it is none that a model can be trained with.
 */
export async function readTokenizer(source: string): Promise<Tokenizer> {
  const name = encodingNamed(source);
  if (name !== undefined) return new BpeTokenizer(await getEncoding(name));
  const path = await findFile(source);
  return inFile(path, async () => parseTokenizer(await readText(path)));
}

async function findFile(source: string): Promise<string> {
  const info = await stat(source).catch(() => undefined);
  if (info === undefined) throw new UsageError(describeMissing(source));
  if (info.isDirectory()) {
    const inside = join(source, "tokenizer.json");
    if ((await stat(inside).catch(() => undefined))?.isFile()) return inside;
    throw new UsageError(`expected a directory with a tokenizer.json, got ${JSON.stringify(source)}, which has none`);
  }
  if (info.size <= MAX_BYTES) return source;
  throw new UsageError(
    `expected a tokenizer.json of at most ${MAX_BYTES} bytes, got ${JSON.stringify(source)} with ${info.size}`,
  );
}

function describeMissing(source: string): string {
  const names = [...tokenizerKinds, ...listEncodingNames()];
  const near = nearest(source.replace(/^.*[/\\]/, ""), names);
  return (
    `expected ${tokenizerKinds.join(", ")}, the name of an encoding or a tokenizer file, got ${JSON.stringify(source)}, ` +
    `which does not exist${near === undefined ? "" : `: did you mean ${near}?`}`
  );
}
