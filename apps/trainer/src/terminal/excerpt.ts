/**
 * The beginning of a text, on one line of a terminal.
 */

import stringWidth from "string-width";
import { visibleText } from "../tokenizer/visibleText.ts";

/**
 * As much of a text as fits: white space is made one space, what cannot be seen is written out.
 *
 * @param columns - Width that there is, the mark of an end that is not shown included.
 */
export function excerpt(text: string, columns: number): string {
  // A character takes no more than two UTF-16 units in a column, marks above it aside: a long text need not be measured.
  const line = visibleText(
    text
      .slice(0, 20 * columns)
      .replace(/\s+/gu, " ")
      .trim(),
  );
  if (stringWidth(line) <= columns) return line;
  let kept = "";
  let width = 0;
  for (const character of line) {
    width += stringWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
