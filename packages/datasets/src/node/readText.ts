/**
 * Reads the text to train on: one file, or a folder of .txt and .md files as one text. UTF-8 only, and strictly; line ends
 * and everything else stay as they are. Whatever keeps a path from being a text is said in one line.
 */

import { constants } from "node:buffer";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeText } from "./decodeText.ts";

/** Options of {@link readText}. */
export interface ReadTextOptions {
  /**
   * Most bytes to read.
   * @defaultValue the longest string that the engine holds, 536,870,888 on 64-bit Node
   */
  readonly maxBytes?: number;
}

/**
 * Reads a text file, or all texts of a folder.
 *
 * Of a folder, the .txt and .md files are read, in subfolders too, in the order of their paths (by code unit, the same on
 * every machine); names that begin with a dot and links to folders are passed over, empty files too. The texts are joined
 * by one blank line.
 *
 * @param path - a file or a folder
 * @param options - the size limit
 * @returns the text, not empty, without a byte order mark
 * @throws RangeError where the path does not exist, cannot be read, is empty, holds no texts, is not UTF-8 or is too large;
 * `cause` is the system's error where there is one
 */
export async function readText(path: string, options: ReadTextOptions = {}): Promise<string> {
  const { maxBytes = constants.MAX_STRING_LENGTH } = options;
  const info = await tryTo(path, () => stat(path));
  if (info.isFile()) {
    const text = info.size > maxBytes ? tooLarge(path, info.size, maxBytes) : await readFileText(path);
    return text === "" ? fail("a text", path, "which is empty") : text;
  }

  const files = await findTextFiles(path);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (bytes > maxBytes) tooLarge(path, bytes, maxBytes);
  const texts: string[] = [];
  for (const file of files) {
    const text = await readFileText(file.path);
    if (text !== "") texts.push(text);
  }
  if (texts.length === 0) fail("a text", path, `whose ${files.length} .txt or .md files are all empty`);
  const last = texts.pop()!;
  return [...texts.map((text) => text.replace(/[\r\n]+$/, "")), last].join("\n\n");
}

/** A text file of {@link findTextFiles}. */
export interface TextFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Options of {@link findTextFiles}. */
export interface FindTextFilesOptions {
  /** How the names of a folder's files end, at least two words of letters. @defaultValue ["txt", "md"] */
  readonly extensions?: readonly string[];
}

/**
 * The files that {@link readText} reads, in its order: the path itself, or of a folder the .txt and .md files.
 *
 * @param path - a file or a folder
 * @param options - other files than texts
 * @throws RangeError where the path does not exist, cannot be read, or is a folder without such files
 */
export async function findTextFiles(path: string, options: FindTextFilesOptions = {}): Promise<TextFile[]> {
  const { extensions = ["txt", "md"] } = options;
  const info = await tryTo(path, () => stat(path));
  if (info.isFile()) return [{ path, size: info.size }];
  if (!info.isDirectory()) fail("a text file or a folder", path, "which is neither");
  const found = await findTexts(path, new RegExp(String.raw`\.(${extensions.join("|")})$`, "i"));
  if (found.length === 0) {
    const names = extensions.map((extension) => `.${extension}`);
    fail(`a folder with ${names.slice(0, -1).join(", ")} or ${names.at(-1)} files`, path, "which has none");
  }
  return found.map((file) => ({ path: file.path, size: file.size }));
}

interface FoundText extends TextFile {
  /** The path below the folder asked for, with "/" on every system: what the order goes by. */
  readonly key: string;
}

async function findTexts(folder: string, pattern: RegExp, prefix = ""): Promise<FoundText[]> {
  const found: FoundText[] = [];
  const entries = await tryTo(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    const key = `${prefix}${entry.name}`;
    if (entry.isDirectory()) {
      found.push(...(await findTexts(path, pattern, `${key}/`)));
    } else if (pattern.test(entry.name)) {
      const info = await tryTo(path, () => stat(path));
      if (info.isFile()) found.push({ path, key, size: info.size });
    }
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function readFileText(path: string): Promise<string> {
  const bytes = await tryTo(path, () => readFile(path));
  try {
    return decodeText(bytes);
  } catch (error) {
    return fail("a text in UTF-8", path, `with ${(error as Error).message}`, error);
  }
}

async function tryTo<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "which does not exist" : `which cannot be read (${code ?? message})`;
    return fail("a text file or a folder", path, reason, error);
  }
}

function tooLarge(path: string, bytes: number, maxBytes: number): never {
  return fail(
    `at most ${maxBytes} bytes of text`,
    path,
    `with ${bytes}: cut it into smaller files, and train from token shards of them`,
  );
}

function fail(expected: string, path: string, reason: string, cause?: unknown): never {
  throw new RangeError(
    `readText: expected ${expected}, got ${JSON.stringify(path)}, ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}
