/**
 * Opens a tokenizer of any kind for the `tokenizer` commands. Files may come from anywhere and are checked before they are used.
 */

import { readFile } from "node:fs/promises";
import { readText } from "@llm-learning/datasets/node";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { Encoding, getEncoding, parseTiktoken, type PatternName } from "@llm-learning/tokenizers/tiktoken";
import { inFile, UsageError } from "../usageError.ts";
import { HuggingFaceTokenizer } from "./huggingFaceTokenizer.ts";
import { LibraryTokenizer } from "./libraryTokenizer.ts";
import { parseTokenizer } from "./parseTokenizer.ts";
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
