/**
 * The text that a configuration names: bundled with the program, or a file or folder.
 */

import { isAbsolute, resolve } from "node:path";
import { bundledBook, bundledNames, readText } from "@llm-learning/datasets/node";

const bundled: Readonly<Record<string, () => Promise<string>>> = {
  "moby-dick": () => bundledBook("moby-dick"),
  names: bundledNames,
};

/** The names of bundled data. */
export const bundledData: readonly string[] = Object.keys(bundled);

/** The text of bundled data, or of a file or folder. @throws RangeError where there is none. */
export async function readData(data: string): Promise<string> {
  return isBundled(data) ? bundled[data]() : readText(data);
}

/** A path of `data` that means the same from every directory; the name of bundled data stays what it is. */
export function absoluteData(data: string): string {
  return isBundled(data) || isAbsolute(data) ? data : resolve(data);
}

function isBundled(data: string): boolean {
  return Object.hasOwn(bundled, data);
}
