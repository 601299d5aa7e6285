/**
 * How often each token follows each other: the table of counts that a bigram model is.
 */

import { type Area, colorScale, columnNames, drawCells, fitUpright, outline, rowNames } from "./drawing/cells.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";
import { join } from "./drawing/svg.ts";
import { textAt, textWidth, visibleText } from "./drawing/text.ts";

/** What {@link bigramHeatmap} draws. */
export interface BigramCounts {
  /** `[V, V]`, row by row: how often the token of the column follows that of the row. Probabilities do as well. */
  counts: ArrayLike<number>;
  /** The V tokens. White space is made visible. */
  tokens: readonly string[];
}

const most = 128;

/**
 * Draws the table of counts, darker (lighter on a dark ground) for more, each cell with its pair and its count where
 * there is room: 27 characters have it from a width of 740 on. The colour grows with the square root of the count.
 *
 * @throws RangeError if there are no tokens or more than 128, or the counts are not V * V numbers of at least 0.
 */
export function bigramHeatmap({ counts, tokens }: BigramCounts, options: PlotOptions = {}): string {
  const V = tokens.length;
  if (V === 0 || V > most) throw new RangeError(`bigramHeatmap: expected 1 to ${most} tokens, got ${V}`);
  if (counts.length !== V * V) {
    throw new RangeError(`bigramHeatmap: expected ${V} * ${V} = ${V * V} counts, got ${counts.length}`);
  }
  let [greatest, total, zeros] = [0, 0, 0];
  for (let i = 0; i < counts.length; i++) {
    if (!(counts[i] >= 0 && counts[i] < Infinity)) {
      throw new RangeError(`bigramHeatmap: expected counts of at least 0, got ${counts[i]}`);
    }
    greatest = Math.max(greatest, counts[i]);
    total += counts[i];
    if (counts[i] === 0) zeros++;
  }
  const names = tokens.map(visibleText);
  return figure("bigramHeatmap", options, (layout) => {
    const left = Math.min(Math.max(...names.map((name) => textWidth(name))), 60) + 10;
    const side = layout.width - left - 1;
    const area: Area = { x: left, y: 20, width: side, height: side };
    const cell = side / V;
    const count = (row: number, column: number) => counts[row * V + column];
    const shown = (value: number) =>
      value >= 10_000 ? `${Math.round(value / 1000)}k` : formatNumber(value, 2).replace(",", "");
    const fits = (text: string) => textWidth(text, 10) <= cell + 2;
    const labelled = cell >= 24 && names.every((name) => fits(name + name));
    const cells = drawCells(
      {
        rows: V,
        columns: V,
        share: (row, column) => (greatest === 0 ? 0 : Math.sqrt(count(row, column) / greatest)),
        ...(V <= 40 && {
          title: (row: number, column: number) =>
            `${names[column]} after ${names[row]}: ${formatNumber(count(row, column))}`,
        }),
        ...(labelled && {
          texts: (row: number, column: number) => [names[row] + names[column], shown(count(row, column))],
        }),
      },
      area,
    );
    const room = left - 10;
    return {
      title: "Bigrams",
      description:
        `How often each of ${formatCount(V, "token")} follows each other: ${formatNumber(total)} pairs, ` +
        `at most ${formatNumber(greatest)} of one; ${formatCount(zeros, "pair")} of ${formatNumber(V * V)} never occur.`,
      blocks: [
        {
          height: area.y + side + 8 + (fitUpright(names, side) ? 14 : room),
          markup: join([
            textAt(0, 11, "first token, down; second token, across", { size: 11 }),
            cells,
            outline(area),
            rowNames(names, area, room),
            columnNames(names, area, room),
          ]),
        },
        colorScale(layout, "count (colour by its square root)", (share) => Math.round(share * share * greatest)),
      ],
      notes: [
        `${formatNumber(zeros)} of ${formatNumber(V * V)} pairs never occur: without smoothing their loss is infinite.`,
        labelled ? "" : "The pairs and counts stand in the cells of a wider plot.",
      ].map((note, i) => (i === 0 && zeros === 0 ? "" : note)),
    };
  });
}
