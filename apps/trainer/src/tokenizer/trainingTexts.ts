/**
 * The texts that a tokenizer is trained on: files, folders, a bundled book, standard input. They are read in parts, however long
 * they are; UTF-8 only, and strictly.
 */

import { createReadStream } from "node:fs";
import {
  type BundledBook,
  bundledBook,
  bundledBooks,
  decodeTextParts,
  findTextFiles,
} from "@llm-learning/datasets/node";
import { UsageError, withUserInput } from "../usageError.ts";
import { expectPipedInput } from "./inputText.ts";

/** One text. */
export interface TrainingText {
  /** As messages call it. */
  readonly name: string;
  /** Where it is a file. */
  readonly path: string | undefined;
  /** Bytes; undefined of standard input. */
  readonly size: number | undefined;
  /** The text in parts, which may end anywhere. */
  readonly read: () => AsyncGenerator<string, void>;
}

/** As much text is held before it is cut, in UTF-16 units. */
const HELD = 1 << 20;

/**
 * Finds texts.
 *
 * @param inputs - Paths of files and folders, names of bundled books, "-" for standard input.
 * @throws UsageError where there is none, or it is no text.
 */
export async function findTrainingTexts(inputs: readonly string[]): Promise<TrainingText[]> {
  if (inputs.filter((input) => input === "-").length > 1) {
    throw new UsageError("expected standard input once, got - twice");
  }
  const texts: TrainingText[] = [];
  for (const input of inputs) {
    if (input === "-") texts.push(standardInput());
    else if (isBundled(input)) texts.push(await bundledText(input));
    else texts.push(...(await withUserInput(() => findTextFiles(input))).map(textOfFile));
  }
  return texts;
}

/**
 * A text in documents as long as its parts, cut where that changes no piece of a byte-level BPE tokenizer: at the end of a line that
 * ends with a letter, a digit or punctuation, before a line that begins with a letter or a digit. No pattern takes both into one piece,
 * and none looks beyond the line end there.
 */
export async function* documentsOf({ read }: TrainingText, held = HELD): AsyncGenerator<string, void> {
  let text = "";
  for await (const part of read()) {
    text += part;
    if (text.length < held) continue;
    const cut = lastCut(text);
    if (cut === 0) continue;
    yield text.slice(0, cut);
    text = text.slice(cut);
  }
  if (text !== "") yield text;
}

/** The lines of a text, without their ends. */
export async function* linesOf({ read }: TrainingText): AsyncGenerator<string, void> {
  let rest = "";
  for await (const part of read()) {
    const lines = part.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Where the last line begins before which a text can be cut; 0 where there is none. */
export function lastCut(text: string): number {
  for (let end = text.lastIndexOf("\n"); end > 0; end = text.lastIndexOf("\n", end - 1)) {
    if (/^[\p{L}\p{N}\p{P}]\n[\p{L}\p{N}]$/u.test(text.slice(end - 1, end + 2))) return end + 1;
  }
  return 0;
}

function standardInput(): TrainingText {
  expectPipedInput("a text");
  return {
    name: "standard input",
    path: undefined,
    size: undefined,
    read: () => decoded("standard input", process.stdin),
  };
}

function textOfFile({ path, size }: { readonly path: string; readonly size: number }): TrainingText {
  const name = JSON.stringify(path);
  return { name, path, size, read: () => decoded(name, createReadStream(path, { highWaterMark: 1 << 18 })) };
}

async function bundledText(name: BundledBook): Promise<TrainingText> {
  const text = await bundledBook(name);
  return {
    name,
    path: undefined,
    size: Buffer.byteLength(text),
    // oxlint-disable-next-line require-await -- a generator of one part
    read: async function* () {
      yield text;
    },
  };
}

function isBundled(name: string): name is BundledBook {
  return (bundledBooks as readonly string[]).includes(name);
}

async function* decoded(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  try {
    yield* decodeTextParts(bytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof RangeError) && code === undefined) throw error;
    const got = error instanceof RangeError ? `${name}, with ${message}` : `${name}, which cannot be read (${code})`;
    throw new UsageError(`expected a text in UTF-8, got ${got}`, { cause: error });
  }
}
