/**
 * The text that a configuration names: bundled with the program, or a file or folder.
 */

import { existsSync } from "node:fs";
import { basename, isAbsolute, resolve } from "node:path";
import { bundledBook, bundledNames, readText } from "@llm-learning/datasets/node";
import { formatMixture, type MixedData, mixtureOf } from "../data/dataMixture.ts";

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

/** What a user's `data` names: the file or folder of that whole name where there is one, else what {@link mixtureOf} reads. */
export function namedData(data: string): readonly MixedData[] {
  return existsSync(data) ? [{ data, weight: 1 }] : mixtureOf(data);
}

/**
 * A user's data for a configuration: its paths mean the same from every directory, and {@link mixtureOf} reads them; names of bundled
 * data stay.
 *
 * @throws UsageError where there is no such configuration.
 */
export function absoluteData(data: string): string {
  // "" is no path; resolved it would be the working directory.
  const absolute = (name: string): string =>
    name === "" || isBundled(name) || isAbsolute(name) ? name : resolve(name);
  return formatMixture(namedData(data).map((part) => ({ ...part, data: absolute(part.data) })));
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
