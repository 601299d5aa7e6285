/**
 * The script of every code point, by which the trainer keeps pieces from mixing scripts.
 *
 * The table is frozen at the Unicode version of SentencePiece, so that the same text gives the same pieces on every
 * platform. Hiragana and Katakana count as Han, as in the original.
 */

import { unicodeScriptRuns } from "./unicodeScriptRuns.ts";

/** The script of marks that take on that of the character before them. */
export const INHERITED = 1;

let table: Uint8Array | undefined;

/** A number for the script of every code point; built on first use. */
export function unicodeScripts(): Uint8Array {
  table ??= readRuns(unicodeScriptRuns);
  return table;
}

function readRuns(runs: string): Uint8Array {
  const scripts = new Uint8Array(0x110000);
  let point = 0;
  for (const run of runs.split(" ")) {
    const [length, script] = run.split(":");
    const end = point + (length === "" ? 1 : Number.parseInt(length, 36));
    scripts.fill(Number.parseInt(script, 36), point, end);
    point = end;
  }
  return scripts;
}
