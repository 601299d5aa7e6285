/**
 * Reads a `tokenizer.json` of anybody's: as one of the library's own tokenizers where the document means the same, which is faster,
 * else as Hugging Face's library would.
 */

import { type Tokenizer, tokenizerFromJSON } from "@llm-learning/tokenizers";
import { expectShallow } from "../foreignDirectory.ts";
import { UsageError } from "../usageError.ts";
import { HuggingFaceTokenizer } from "./huggingFaceTokenizer.ts";

/**
 * Makes the tokenizer of a document.
 *
 * @throws TypeError or RangeError naming the first field that is wrong.
 */
export function tokenizerOfDocument(document: unknown): Tokenizer {
  try {
    return tokenizerFromJSON(document);
  } catch (error) {
    if (typeof document !== "object" || document === null) throw error;
    return new HuggingFaceTokenizer(document);
  }
}

/**
 * Makes the tokenizer of a file's text.
 *
 * @throws UsageError where it is not JSON, or nests too deep; as {@link tokenizerOfDocument}.
 */
export function parseTokenizer(text: string): Tokenizer {
  let document: unknown;
  try {
    // A byte order mark, which some editors write, is not JSON.
    document = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (cause) {
    const reason = (cause as Error).message.replace(/\s+/g, " ").slice(0, 120);
    throw new UsageError(`expected the JSON of a tokenizer.json, got invalid JSON (${reason})`, { cause });
  }
  expectShallow(document);
  return tokenizerOfDocument(document);
}
