/**
 * Opens a tokenizer of any kind for the `tokenizer` commands. Files may come from anywhere and are checked before they are used.
 */

import { readFile } from "node:fs/promises";
import { readText } from "@llm-learning/datasets/node";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import {
  Encoding,
  type EncodingOptions,
  getEncoding,
  parseTiktoken,
  splitPattern,
} from "@llm-learning/tokenizers/tiktoken";
import { nearest } from "../config/nearest.ts";
import { inFile, UsageError, withUserInputSync } from "../usageError.ts";
import { HuggingFaceTokenizer } from "./huggingFaceTokenizer.ts";
import { LibraryTokenizer } from "./libraryTokenizer.ts";
import { parseTokenizer } from "./parseTokenizer.ts";
import { SentencePieceTokenizer } from "./sentencePieceTokenizer.ts";
import { patternNames } from "./tokenizerModels.ts";
import type { TextTokenizer } from "./textTokenizer.ts";
import { findTokenizer } from "./tokenizerSource.ts";

/**
 * Opens a tokenizer.
 *
 * @param source - An encoding's or a model's name, a tokenizer.json, .tiktoken or .model file, or a directory with one.
 * @param pattern - How a `.tiktoken` file cuts text, which is not in the file: the name of a pattern, or a regular expression.
 * @throws UsageError where there is none, or the file is damaged or of a kind that is not known.
 */
export async function openTokenizer(source: string, pattern?: string): Promise<TextTokenizer> {
  const found = await findTokenizer(source);
  if (found.encoding !== undefined) {
    expectNoPattern(pattern, source);
    return new LibraryTokenizer(new BpeTokenizer(await getEncoding(found.encoding)));
  }
  const { path, format } = found;
  if (format === "tiktoken") return openTiktoken(path, pattern);
  expectNoPattern(pattern, source);
  return inFile(path, async () =>
    format === "json" ? openJson(await readText(path)) : openModel(await readFile(path)),
  );
}

function openJson(text: string): TextTokenizer {
  const tokenizer = parseTokenizer(text);
  return tokenizer instanceof HuggingFaceTokenizer ? tokenizer : new LibraryTokenizer(tokenizer);
}

async function openModel(bytes: Uint8Array): Promise<TextTokenizer> {
  const { SentencePieceProcessor } = await import("@llm-learning/tokenizers/sentencepiece");
  return new SentencePieceTokenizer(SentencePieceProcessor.fromBytes(bytes));
}

async function openTiktoken(path: string, pattern: string | undefined): Promise<TextTokenizer> {
  if (pattern === undefined) {
    throw new UsageError(
      `expected --pattern beside ${JSON.stringify(path)}, got none: a .tiktoken file does not say how it cuts text`,
    );
  }
  const split = patternOf(pattern);
  return inFile(path, async () => {
    const ranks = parseTiktoken(await readText(path));
    return new LibraryTokenizer(new BpeTokenizer(new Encoding({ name: "the file", pattern: split, ranks })));
  });
}

/** A pattern by its name or by its expression; a word is a name, of which an expression would only match that word. */
function patternOf(pattern: string): EncodingOptions["pattern"] {
  const known = patternNames.find((name) => name === pattern);
  if (known !== undefined) return known;
  if (!/^\w*$/.test(pattern)) return withUserInputSync(() => splitPattern(pattern));
  const near = nearest(pattern, patternNames);
  throw new UsageError(
    `expected --pattern to be ${patternNames.join(", ")} or a regular expression, got ${JSON.stringify(pattern)}` +
      (near === undefined ? "" : `: did you mean ${near}?`),
  );
}

function expectNoPattern(pattern: string | undefined, source: string): void {
  if (pattern === undefined) return;
  throw new UsageError(
    `expected --pattern only with a .tiktoken file, got ${pattern} with ${JSON.stringify(source)}, which says itself how it cuts text`,
  );
}
