/**
 * The tokenizer that a model is to be trained with, where it is not made from the text: an encoding of OpenAI's by name, or a
 * `tokenizer.json`, which may come from anywhere and is checked before it is used.
 */

import { readText } from "@llm-learning/datasets/node";
import { BpeTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { getEncoding } from "@llm-learning/tokenizers/tiktoken";
import { inFile, UsageError } from "../usageError.ts";
import { parseTokenizer } from "./parseTokenizer.ts";
import { type TokenizerKind, tokenizerKinds } from "./tokenizerNames.ts";
import { findTokenizer } from "./tokenizerSource.ts";

/**
 * Opens a tokenizer to train with.
 *
 * @param source - An encoding's name, a `tokenizer.json`, or a directory with one, such as a run.
 * @param kinds - Kinds of tokenizers that would have been right where this one was given; for the error.
 * @throws UsageError where there is none, or it is none that a model can be trained with.
 */
export async function readTokenizer(
  source: string,
  kinds: readonly TokenizerKind[] = tokenizerKinds,
): Promise<Tokenizer> {
  const found = await findTokenizer(source, kinds);
  if (found.encoding !== undefined) return new BpeTokenizer(await getEncoding(found.encoding));
  const { path, format } = found;
  if (format !== "json") {
    throw new UsageError(`expected a tokenizer.json to train with, got ${JSON.stringify(path)}, a .${format} file`);
  }
  return inFile(path, async () => parseTokenizer(await readText(path)));
}
