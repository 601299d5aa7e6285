/**
 * Opens a tokenizer of any kind for the `tokenizer` commands. Files may come from anywhere and are checked before they are used.
 */

import { readFile } from "node:fs/promises";
import { readText } from "@llm-learning/datasets/node";
import { BpeTokenizer, parseTokenizer } from "@llm-learning/tokenizers";
import { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { Encoding, getEncoding, parseTiktoken, type PatternName } from "@llm-learning/tokenizers/tiktoken";
import { inFile } from "../run/openRun.ts";
import { UsageError } from "../usageError.ts";
import { LibraryTokenizer } from "./libraryTokenizer.ts";
import { SentencePieceTokenizer } from "./sentencePieceTokenizer.ts";
import type { TextTokenizer } from "./textTokenizer.ts";
import { findTokenizer } from "./tokenizerSource.ts";

/**
 * Opens a tokenizer.
 *
 * @param source - An encoding's or a model's name, a tokenizer.json, .tiktoken or .model file, or a directory with one.
 * @param pattern - How a `.tiktoken` file cuts text, which is not in the file.
 * @throws UsageError where there is none, or the file is damaged or of a kind that is not known.
 */
export async function openTokenizer(source: string, pattern?: PatternName): Promise<TextTokenizer> {
  const found = await findTokenizer(source);
  if (found.encoding !== undefined) {
    expectNoPattern(pattern, source);
    return new LibraryTokenizer(new BpeTokenizer(await getEncoding(found.encoding)));
  }
  const { path, format } = found;
  if (format === "tiktoken") return openTiktoken(path, pattern);
  expectNoPattern(pattern, source);
  if (format === "json") return inFile(path, async () => new LibraryTokenizer(parseTokenizer(await readText(path))));
  return inFile(path, async () => new SentencePieceTokenizer(SentencePieceProcessor.fromBytes(await readFile(path))));
}

async function openTiktoken(path: string, pattern: PatternName | undefined): Promise<TextTokenizer> {
  if (pattern === undefined) {
    throw new UsageError(
      `expected --pattern beside ${JSON.stringify(path)}, got none: a .tiktoken file does not say how it cuts text`,
    );
  }
  return inFile(path, async () => {
    const ranks = parseTiktoken(await readText(path));
    return new LibraryTokenizer(new BpeTokenizer(new Encoding({ name: "the file", pattern, ranks })));
  });
}

function expectNoPattern(pattern: PatternName | undefined, source: string): void {
  if (pattern === undefined) return;
  throw new UsageError(
    `expected --pattern only with a .tiktoken file, got ${pattern} with ${JSON.stringify(source)}, which says itself how it cuts text`,
  );
}
