/**
 * The text that a `tokenizer` command works on: an argument, a file, or standard input. UTF-8 only, and strictly.
 */

import { constants } from "node:buffer";
import { decodeText, readText } from "@llm-learning/datasets/node";
import { UsageError, withUserInput } from "../usageError.ts";

export interface InputText {
  /** The argument. */
  readonly text?: string | undefined;
  /** A path; "-" is standard input. */
  readonly file?: string | undefined;
}

/**
 * Reads the text, from standard input where neither argument nor file is given.
 *
 * @throws UsageError where both are given, or there is no text, or what there is is not text.
 */
export async function readInputText({ text, file }: InputText): Promise<string> {
  if (text !== undefined && file !== undefined) {
    throw new UsageError(`expected a text or a --file, got both: ${JSON.stringify(text.slice(0, 40))} and ${file}`);
  }
  if (text === "") throw new UsageError("expected a text, got an empty one");
  if (text !== undefined) return text;
  if (file !== undefined && file !== "-") return withUserInput(() => readText(file));
  const bytes = await readStandardInput("a text");
  if (bytes.length === 0) throw new UsageError("expected a text on standard input, got nothing");
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new UsageError(`expected a text in UTF-8 on standard input, got ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** All of standard input. */
async function readStandardInput(what: string): Promise<Buffer> {
  expectPipedInput(what);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > constants.MAX_STRING_LENGTH) {
      throw new UsageError(`expected at most ${constants.MAX_STRING_LENGTH} bytes on standard input, got more`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws UsageError where standard input is a keyboard, at which the program would wait without a word. */
export function expectPipedInput(what: string): void {
  if (process.stdin.isTTY) throw new UsageError(`expected ${what} as argument or on standard input, got none`);
}
