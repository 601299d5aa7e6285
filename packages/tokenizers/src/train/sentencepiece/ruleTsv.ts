/**
 * Normalization rules of one's own: lines of code points in hexadecimal, `what<TAB>by what`.
 *
 * Follows `LoadCharsMap` of SentencePiece's `builder.cc`.
 */

import { quote } from "../../describe.ts";

/**
 * Reads rules.
 *
 * @param option - Where they come from, which the messages name.
 * @param tsv - On each line what is replaced, a tab, and what stands for it (nothing: it is dropped), as code points such as
 * `41` or `U+0041` with spaces between; anything behind a second tab is a comment.
 * @throws RangeError naming the line that is wrong.
 */
export function parseRuleTsv(option: string, tsv: string): Map<string, string> {
  const rules = new Map<string, string>();
  const lines = tsv.split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, index) => {
    const [text, replacement = ""] = line.replace(/\r$/, "").split("\t");
    const parse = (field: string) => {
      const points = field.split(" ").filter((point) => point !== "");
      return points.map((point) => parsePoint(point, `${option} line ${index + 1}`)).join("");
    };
    const key = parse(text);
    if (key === "") throw invalid(`${option} line ${index + 1} to begin with a code point`, line);
    rules.set(key, parse(replacement));
  });
  return rules;
}

function parsePoint(text: string, where: string): string {
  const digits = text.startsWith("U+") ? text.slice(2) : text;
  const point = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < 1 || point > 0x10ffff || isSurrogate) {
    throw invalid(`${where} to have code points in hexadecimal, such as 41 or U+0041`, text);
  }
  return String.fromCodePoint(point);
}

function invalid(expected: string, got: string): RangeError {
  return new RangeError(`trainSentencePiece: expected ${expected}, got ${quote(got)}`);
}
