/**
 * The text that a configuration names: bundled with the program, or a file or folder.
 */

import { basename, isAbsolute, resolve } from "node:path";
import { bundledBook, bundledNames, readText } from "@llm-learning/datasets/node";
import { mapData, mixtureOf } from "../data/dataMixture.ts";

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

/** The paths of `data`, which may be a mixture, so that they mean the same from every directory; names of bundled data stay. */
export function absoluteData(data: string): string {
  return mapData(data, (name) => (isBundled(name) || isAbsolute(name) ? name : resolve(name)));
}

/** `data` as a title has it: names of files without their folders, of a mixture with their shares. */
export function dataTitle(data: string): string {
  const parts = mixtureOf(data);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (parts.length === 1) return basename(parts[0].data);
  const shares = parts.map((part) => `${((100 * part.weight) / total).toFixed(0)}% ${basename(part.data)}`);
  return `${shares.slice(0, -1).join(", ")} and ${shares[shares.length - 1]}`;
}

function isBundled(data: string): boolean {
  return Object.hasOwn(bundled, data);
}
