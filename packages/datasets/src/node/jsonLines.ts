/**
 * Documents out of JSONL: a JSON object on every line, one of whose fields is the text. Files are read line by line, however many
 * there are.
 */

import { createReadStream } from "node:fs";
import { decodeText } from "./decodeText.ts";

/** A document of a file. */
export interface FileDocument {
  readonly text: string;
  /** Bytes of the file that have been read by now. */
  readonly bytesRead: number;
}

/** Options of {@link readJsonLines}. */
export interface ReadJsonLinesOptions {
  /** The field that holds the text. @defaultValue "text" */
  readonly field?: string;
  /** Longest line, in bytes; no more is ever in memory. @defaultValue 268,435,456 (2^28) */
  readonly maxLineBytes?: number;
}

/**
 * Reads the text of every line; lines of nothing but white space are passed over.
 *
 * @throws RangeError naming the file and the line that is no JSON object, lacks the field, or has something else than a text in it, is
 * not UTF-8 or too long; where the file cannot be read
 */
export async function* readJsonLines(
  path: string,
  { field = "text", maxLineBytes = 2 ** 28 }: ReadJsonLinesOptions = {},
): AsyncGenerator<FileDocument, void> {
  let number = 0;
  let bytesRead = 0;
  for await (const line of linesOf(path, maxLineBytes)) {
    number++;
    bytesRead += line.length + 1;
    const got = (reason: string, cause?: unknown): RangeError =>
      new RangeError(
        `readJsonLines: expected a JSON object with a text in ${JSON.stringify(field)} on every line, got line ${number} of ` +
          `${JSON.stringify(path)}, ${reason}`,
        { cause },
      );
    if (line.length > maxLineBytes) throw got(`which is longer than ${maxLineBytes} bytes`);
    let content: string;
    try {
      content = decodeText(line);
    } catch (cause) {
      throw got(`with ${(cause as Error).message}`, cause);
    }
    if (content.trim() === "") continue;
    yield { text: textOf(content, field, got), bytesRead };
  }
}

function textOf(line: string, field: string, got: (reason: string, cause?: unknown) => RangeError): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw got(`which is no JSON (${(cause as Error).message.replace(/\s+/g, " ").slice(0, 120)})`, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw got("which is no object");
  if (!Object.hasOwn(value, field)) {
    const fields = Object.keys(value).slice(0, 10).join(", ");
    throw got(fields === "" ? "which has no fields" : `which has ${fields}`);
  }
  const text = (value as Record<string, unknown>)[field];
  if (typeof text === "string") return text;
  throw got(`which has ${text === null ? "null" : Array.isArray(text) ? "a list" : `a ${typeof text}`} there`);
}

/** The lines of a file without their ends; one that is too long is given up, and the last. */
async function* linesOf(path: string, maxBytes: number): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let held = 0;
  const take = (last: Uint8Array): Uint8Array => {
    const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    return line;
  };
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      let begin = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
        yield take(chunk.subarray(begin, end));
        begin = end + 1;
      }
      parts.push(chunk.subarray(begin));
      held += chunk.length - begin;
      if (held > maxBytes) break;
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "which does not exist" : `which cannot be read (${code ?? message})`;
    throw new RangeError(`readJsonLines: expected a JSONL file, got ${JSON.stringify(path)}, ${reason}`, { cause });
  }
  if (held > 0) yield take(new Uint8Array());
}
