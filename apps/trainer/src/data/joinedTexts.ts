/**
 * Texts as one long text: what stands between two of them is a blank line, as `readText` joins the files of a folder, or nothing but
 * the news that one has ended.
 */

import type { DataInput } from "./dataInputs.ts";

/** A part of the text; undefined where a text ends and another follows. */
export type JoinedPart = string | undefined;

export interface JoinedTextsOptions {
  /** Whether texts are told apart by `undefined` and stay as they are; else a blank line parts them. */
  readonly tellsEnds: boolean;
  /** Told how many bytes have been read. */
  readonly onRead: (bytes: number) => void;
}

/** All texts one after the other, empty ones left out. */
export async function* joinedTexts(
  inputs: readonly DataInput[],
  { tellsEnds, onRead }: JoinedTextsOptions,
): AsyncGenerator<JoinedPart, void> {
  let before = 0;
  let isFirst = true;
  /** What parts a text from those before it, until there is something of the text. */
  let parting = "";
  /** Line ends at the end of what there is of a text: the blank line before another replaces them. */
  let lineEnds = "";
  for (const { size, read } of inputs) {
    let isBegin = true;
    for await (const { text, bytesRead } of read()) {
      onRead(before + bytesRead);
      if (isBegin && !isFirst) {
        if (tellsEnds) yield undefined;
        parting += "\n\n";
        lineEnds = "";
      }
      isBegin = false;
      isFirst = false;
      if (tellsEnds) {
        yield text;
        continue;
      }
      const whole = lineEnds + text;
      const end = endOfLines(whole);
      lineEnds = whole.slice(end);
      if (end === 0) continue;
      yield parting + whole.slice(0, end);
      parting = "";
    }
    before += size;
  }
  const rest = parting + lineEnds;
  if (!tellsEnds && rest !== "") yield rest;
}

/** Where the line ends begin that a text ends with. */
function endOfLines(text: string): number {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return end;
}
