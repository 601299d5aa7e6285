/**
 * Lists of pieces as `spm_encode --generate_vocabulary` writes them, for restricting a model to the pieces that a
 * corpus made it use: a piece a line and, behind a tab, how often it occurs.
 */

import { describe, quote } from "../describe.ts";

/**
 * The pieces of a list.
 *
 * @param caller - Name of the public function, which begins the messages.
 * @param list - The list.
 * @param threshold - Leaves out pieces that occur less often; one without a number counts as occurring once.
 * @throws TypeError if `list` is not a string; RangeError if a line has no piece, or no integer behind the tab.
 */
export function piecesOfList(caller: string, list: string, threshold: number): string[] {
  if (typeof list !== "string") throw new TypeError(`${caller}: expected a string, got ${describe(list)}`);
  const pieces: string[] = [];
  const lines = list.split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, index) => {
    const [piece = "", frequency = "1"] = line.replace(/\r$/, "").split("\t");
    if (piece === "") throw new RangeError(`${caller}: expected a piece in line ${index + 1}, got none`);
    if (!/^ *[+-]?\d+ *$/.test(frequency)) {
      throw new RangeError(
        `${caller}: expected an integer behind the tab in line ${index + 1}, got ${quote(frequency)}`,
      );
    }
    if (Number(frequency) >= threshold) pieces.push(piece);
  });
  return pieces;
}
