/**
 * Draws the pieces of a text in rows, their ids beneath them: on backgrounds of alternating colours, or where there are no colours
 * between bars, with dots for the spaces.
 */

import picocolors from "picocolors";
import stringWidth from "string-width";

/** A piece, ready to be shown (see visibleText.ts). */
export interface DrawnPiece {
  readonly text: string;
  readonly id: number;
  /** The row ends after it, as the text's line does. */
  readonly endsLine: boolean;
}

export interface DrawingOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly hasColors: boolean;
}

/** A piece in its place: as wide as its text or its id, whichever is wider. */
interface Cell {
  readonly text: string;
  readonly id: string;
  readonly width: number;
  /** Number of the piece: decides its colour. */
  readonly index: number;
}

/** Draws pieces; every line ends with a line end. */
export function drawPieces(pieces: readonly DrawnPiece[], options: DrawingOptions): string {
  // Room for the bars or blanks around a cell.
  const room = Math.max(8, options.columns - 2);
  let drawn = "";
  let row: Cell[] = [];
  let width = 0;
  const endRow = (): void => {
    if (row.length > 0) drawn += options.hasColors ? drawColored(row) : drawPlain(row);
    row = [];
    width = 0;
  };
  for (const [index, piece] of pieces.entries()) {
    for (const cell of cellsOf(piece, index, room, options)) {
      if (width + cell.width > room) endRow();
      row.push(cell);
      width += cell.width + 1;
    }
    if (piece.endsLine) endRow();
  }
  endRow();
  return drawn;
}

/** A piece in one cell, or in several where it is wider than the terminal; the first of them has the id. */
function* cellsOf(piece: DrawnPiece, index: number, room: number, { hasColors }: DrawingOptions): Generator<Cell> {
  const text = hasColors ? piece.text : piece.text.replaceAll(" ", "·");
  let id = String(piece.id);
  for (const part of partsOf(text, room)) {
    yield { text: part, id, width: Math.max(stringWidth(part), id.length), index };
    id = "";
  }
}

function partsOf(text: string, room: number): string[] {
  if (stringWidth(text) <= room) return [text];
  const parts: string[] = [];
  let part = "";
  let width = 0;
  for (const character of text) {
    const own = stringWidth(character);
    if (width + own > room) {
      parts.push(part);
      part = "";
      width = 0;
    }
    part += character;
    width += own;
  }
  return [...parts, part];
}

function drawColored(row: readonly Cell[]): string {
  const { dim, black, bgCyanBright, bgYellowBright, bgGreenBright, bgMagentaBright } = picocolors.createColors(true);
  const backgrounds = [bgCyanBright, bgYellowBright, bgGreenBright, bgMagentaBright];
  const texts = row.map(({ text, width, index }) => {
    const paint = backgrounds[index % backgrounds.length];
    return `${paint(black(text))}${" ".repeat(width - stringWidth(text))}`;
  });
  const ids = row.map(({ id, width }) => dim(id.padEnd(width)));
  return `${texts.join(" ").trimEnd()}\n${ids.join(" ").trimEnd()}\n`;
}

function drawPlain(row: readonly Cell[]): string {
  const texts = row.map(({ text, width }) => text + " ".repeat(width - stringWidth(text)));
  const ids = row.map(({ id, width }) => id.padEnd(width));
  return `|${texts.join("|")}|\n|${ids.join("|")}|\n`;
}
