/**
 * Who listens to whom: the attention probabilities of each head, with the tokens on both sides.
 */

import { type Area, colorScale, columnNames, drawCells, fitUpright, outline, rowNames } from "./drawing/cells.ts";
import { type Block, figure, type Layout, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";
import { element, join, type Markup } from "./drawing/svg.ts";
import { shorten, textAt, textWidth, visibleText } from "./drawing/text.ts";

/** What {@link attentionMap} draws. */
export interface AttentionMapData {
  /** `[H, T, S]`, row by row: what share of its attention token t gives to token s, in each head. */
  probabilities: ArrayLike<number>;
  /** The T tokens that listen. White space is made visible. */
  tokens: readonly string[];
  /** The S tokens that are heard. @defaultValue the same */
  keyTokens?: readonly string[];
  /** Names of the H heads. @defaultValue head 0, head 1, … */
  heads?: readonly string[];
}

const mostTokens = 1024;
const mostHeads = 32;
const mostCells = 32_768;
const mostTitles = 2500;

/**
 * Draws one map for each head, all in one scale of colours, as many beside each other as can be read. Where there would be
 * more than 32,768 cells, each is the greatest of a square of them, and a note says so.
 *
 * @throws RangeError if there are no tokens, more than 1024, or more than 32 heads, or the sizes do not fit.
 */
export function attentionMap(data: AttentionMapData, options: PlotOptions = {}): string {
  const { probabilities, tokens, keyTokens = tokens } = data;
  const [T, S] = [tokens.length, keyTokens.length];
  if (T === 0 || S === 0 || T > mostTokens || S > mostTokens) {
    throw new RangeError(`attentionMap: expected 1 to ${mostTokens} tokens on each side, got ${T} and ${S}`);
  }
  const H = probabilities.length / (T * S);
  if (!Number.isInteger(H) || H < 1 || H > mostHeads) {
    const expected = `1 to ${mostHeads} heads of ${T} * ${S} probabilities`;
    throw new RangeError(`attentionMap: expected ${expected}, got ${probabilities.length} numbers`);
  }
  const heads = data.heads ?? Array.from({ length: H }, (_, head) => `head ${head}`);
  if (heads.length !== H) throw new RangeError(`attentionMap: expected ${H} names of heads, got ${heads.length}`);

  let [greatest, missing] = [0, 0];
  for (let i = 0; i < probabilities.length; i++) {
    if (Number.isFinite(probabilities[i])) greatest = Math.max(greatest, probabilities[i]);
    else missing++;
  }
  // Squares of `pool` by `pool` cells become one.
  const pool = Math.ceil(Math.sqrt(probabilities.length / mostCells));
  const queries = tokens.filter((_, i) => i % pool === 0).map(visibleText);
  const keys = keyTokens.filter((_, i) => i % pool === 0).map(visibleText);
  const greatestIn = (head: number, row: number, column: number) => {
    let most = NaN;
    for (let t = row * pool; t < Math.min((row + 1) * pool, T); t++) {
      for (let s = column * pool; s < Math.min((column + 1) * pool, S); s++) {
        const value = probabilities[(head * T + t) * S + s];
        if (Number.isFinite(value) && !(value <= most)) most = value;
      }
    }
    return most;
  };
  const titled = probabilities.length <= mostTitles;

  return figure("attentionMap", options, (layout) => {
    const panels = Math.min(H, panelsInARow(layout, queries, keys));
    const gap = 20;
    const width = (layout.width - (panels - 1) * gap) / panels;
    const room = Math.min(Math.max(...queries.map((name) => textWidth(name, 11))), 90, width / 4);
    const keyRoom = Math.min(Math.max(...keys.map((name) => textWidth(name, 11))), 90);
    // A single map need not be as high as it is wide.
    const side = Math.min(width - room - 8, 460);
    const area: Area = { x: room + 7, y: 20, width: side, height: (side * T) / S };
    const below = fitUpright(keys, area.width) ? 20 : keyRoom + 12;
    const height = area.y + area.height + below;
    const panel = (head: number): Markup => {
      const value = (row: number, column: number) => greatestIn(head, row, column);
      const cells = drawCells(
        {
          rows: queries.length,
          columns: keys.length,
          share: (row, column) => (greatest === 0 ? value(row, column) : value(row, column) / greatest),
          ...(titled && {
            title: (row: number, column: number) =>
              `${heads[head]}: ${queries[row]} attends ${keys[column]}: ${formatNumber(value(row, column), 3)}`,
          }),
        },
        area,
      );
      const heading = textAt(area.x, 12, shorten(heads[head], area.width, 12), { size: 12, kind: "strong" });
      return join([heading, cells, outline(area), rowNames(queries, area, room), columnNames(keys, area, keyRoom)]);
    };
    const grid: Block = {
      height: Math.ceil(H / panels) * (height + gap) - gap,
      markup: join(
        Array.from({ length: H }, (_, head) => {
          const [x, y] = [(head % panels) * (width + gap), Math.floor(head / panels) * (height + gap)];
          return element("g", { transform: `translate(${Math.round(x)} ${Math.round(y)})` }, panel(head));
        }),
      ),
    };
    return {
      title: "Attention",
      description:
        `Attention probabilities of ${formatCount(H, "head")}, ${formatCount(T, "token")} attending ` +
        `${formatCount(S, "token")}; the greatest is ${formatNumber(greatest, 3)}.`,
      blocks: [grid, colorScale(layout, "share of attention", (share) => share * greatest)],
      notes: [
        "Rows attend columns; the shares of a row add up to 1.",
        pool === 1 ? "" : `Each cell is the greatest of ${pool} by ${pool} probabilities.`,
        missing === 0 ? "" : `Crossed out: ${formatCount(missing, "probability is", "probabilities are")} no number.`,
      ],
    };
  });
}

/** As many maps in a row as leave each of 24 columns room for its name, or at least one. */
function panelsInARow({ width, narrow }: Layout, queries: readonly string[], keys: readonly string[]): number {
  const room = Math.min(Math.max(...queries.map((name) => textWidth(name, 11))), 90);
  const needed = room + Math.min(keys.length, 24) * 12 + 28;
  return Math.max(1, Math.min(Math.floor(width / Math.max(needed, 150)), narrow ? 2 : 4));
}
