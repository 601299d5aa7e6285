/**
 * Attention as messages along the edges of a directed graph: the graph, the mask that says the same, and the attention
 * that it leaves possible. Causal language modelling is the graph in which node i reaches i, i + 1, i + 2, …
 */

import { type Arrow, arrowOnCircle, arrowOnLine, lineRise, onCircle, onLine } from "./drawing/arrows.ts";
import { type Area, columnNames, drawCells, fitUpright, outline, rowNames } from "./drawing/cells.ts";
import { type Block, figure, type Layout, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";
import { seriesColor } from "./drawing/palette.ts";
import { element, join, type Markup } from "./drawing/svg.ts";
import { textAt, textWidth, visibleText } from "./drawing/text.ts";

/** What {@link attentionGraph} draws. */
export interface AttentionGraphData {
  /** Names of the N nodes. White space is made visible. */
  nodes: readonly string[];
  /** Who speaks to whom, by index: `[from, to]` lets `to` attend `from`. A node hears itself only by an edge. */
  edges: readonly (readonly [from: number, to: number])[];
  /**
   * `[N, N]`, row by row: what share of its attention the node of the row gives to that of the column.
   * @defaultValue equal shares of all that a node hears, which is the softmax of equal scores
   */
  attention?: ArrayLike<number>;
}

/** Options of {@link attentionGraph}. */
export interface AttentionGraphOptions extends PlotOptions {
  /** How the nodes stand. @defaultValue "line" */
  layout?: "line" | "circle";
}

const mostNodes = 24;

/**
 * Draws nodes with arrows, as thick as the attention along them; the mask, filled where a row may attend a column; and
 * the attention.
 *
 * @throws RangeError if there are no nodes or more than 24, an edge joins what does not exist, or there is attention
 * where there is no edge.
 */
export function attentionGraph(data: AttentionGraphData, options: AttentionGraphOptions = {}): string {
  const { nodes, edges } = data;
  const N = nodes.length;
  if (N === 0 || N > mostNodes) throw new RangeError(`attentionGraph: expected 1 to ${mostNodes} nodes, got ${N}`);
  const mask = new Uint8Array(N * N);
  for (const [from, to] of edges) {
    const exist = [from, to].every((node) => Number.isInteger(node) && node >= 0 && node < N);
    if (!exist)
      throw new RangeError(`attentionGraph: expected edges between nodes 0 to ${N - 1}, got [${from}, ${to}]`);
    mask[to * N + from] = 1;
  }
  const attention = data.attention ?? equalShares(mask, N);
  if (attention.length !== N * N) {
    throw new RangeError(`attentionGraph: expected ${N} * ${N} shares of attention, got ${attention.length}`);
  }
  for (let i = 0; i < N * N; i++) {
    if (mask[i] === 0 && attention[i] > 1e-6) {
      const [to, from] = [Math.floor(i / N), i % N];
      throw new RangeError(
        `attentionGraph: expected no attention without an edge, got ${attention[i]} of node ${to} to node ${from}; ` +
          `add the edge [${from}, ${to}] or mask the scores before the softmax`,
      );
    }
  }
  const names = nodes.map(visibleText);
  const count = mask.reduce((sum, edge) => sum + edge, 0);
  const deaf = names.filter((_, to) => !mask.slice(to * N, (to + 1) * N).includes(1));

  return figure("attentionGraph", options, (layout) => ({
    title: "Attention as a graph",
    description:
      `${formatCount(N, "node")} and ${formatCount(count, "edge")}. ` +
      names.map((name, to) => `${name} attends ${heardBy(names, mask, to).join(", ") || "nobody"}`).join("; ") +
      ".",
    blocks: [
      graph(layout, names, mask, attention, options.layout ?? "line"),
      ...tables(layout, names, mask, attention),
    ],
    notes: [
      "An arrow from A to B lets B attend A: row B, column A of the mask.",
      deaf.length === 0
        ? ""
        : `Nobody speaks to ${deaf.join(", ")}: there is nothing to take a softmax of, and attention gives zeros.`,
    ],
  }));
}

/** Softmax of equal scores under the mask. The row of a node that hears nobody is 0, as `scaledDotProductAttention` has it. */
function equalShares(mask: Uint8Array, N: number): Float64Array {
  return Float64Array.from(mask, (edge, i) => {
    const row = Math.floor(i / N) * N;
    return edge === 0 ? 0 : edge / mask.subarray(row, row + N).reduce((sum, each) => sum + each, 0);
  });
}

function heardBy(names: readonly string[], mask: Uint8Array, to: number): string[] {
  return names.filter((_, from) => mask[to * names.length + from] === 1);
}

function graph(
  { width }: Layout,
  names: readonly string[],
  mask: Uint8Array,
  attention: ArrayLike<number>,
  shape: "line" | "circle",
): Block {
  const N = names.length;
  const pairs = [...mask.keys()].filter((i) => mask[i] === 1).map((i) => ({ to: Math.floor(i / N), from: i % N }));
  const reach = (forward: boolean) => {
    const steps = pairs.map(({ from, to }) => (forward ? to - from : from - to));
    const farthest = Math.max(0, ...steps);
    return farthest === 0 ? 0 : 0.75 * lineRise((farthest * width) / N);
  };
  const [above, below] = [reach(true), Math.max(reach(false), pairs.some(({ from, to }) => from === to) ? 24 : 0)];
  const radius = Math.min(Math.max(width / 2.5 - 60, 70), 130);
  const placed = shape === "line" ? onLine(names, width, above + 16) : onCircle(names, width, radius);
  const arrows = pairs.map(({ from, to }) => {
    const [speaker, listener] = [placed[from], placed[to]];
    const arrow =
      shape === "line" ? arrowOnLine(speaker, listener) : arrowOnCircle(speaker, listener, [width / 2, radius + 44]);
    const share = attention[to * N + from];
    return drawArrow(arrow, share, `${names[to]} attends ${names[from]}: ${formatNumber(share, 3)}`);
  });
  const boxes = placed.map(({ name, x, y, width, height }) => {
    const rect = { x: x - width / 2, y: y - height / 2, width, height, rx: 6 };
    return join([
      element("g", { class: "paper", color: "#ffffff" }, element("rect", { ...rect, fill: "currentColor" })),
      element("rect", { ...rect, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }),
      textAt(x, y + 4, name, { size: 12, anchor: "middle" }),
    ]);
  });
  return {
    height: shape === "line" ? above + below + 32 : 2 * radius + 88,
    markup: join([element("g", seriesColor(0), ...arrows), ...boxes]),
  };
}

function drawArrow({ line, head }: Arrow, share: number, title: string): Markup {
  const width = 1.25 + 3 * (Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0);
  return element(
    "g",
    {},
    element("title", {}, title),
    element("path", { d: line, fill: "none", stroke: "currentColor", "stroke-width": width }),
    element("path", { d: head, fill: "currentColor" }),
  );
}

/** The mask and the attention, beside each other where there is room. */
function tables(layout: Layout, names: readonly string[], mask: Uint8Array, attention: ArrayLike<number>): Block[] {
  const N = names.length;
  const gap = 24;
  const width = layout.narrow ? layout.width : (layout.width - gap) / 2;
  const room = Math.min(Math.max(...names.map((name) => textWidth(name, 11))), 80);
  const side = Math.min(width - room - 8, 36 * N + 40, 340);
  const area: Area = { x: room + 7, y: 20, width: side, height: side };
  const height = area.y + side + (fitUpright(names, side) ? 20 : room + 12);
  const cell = side / N;
  const table = (heading: string, share: (row: number, column: number) => number, asNumbers: boolean) =>
    join([
      textAt(area.x, 12, heading, { size: 12, kind: "strong" }),
      drawCells(
        {
          rows: N,
          columns: N,
          share,
          title: (row, column) => {
            const allowed = mask[row * N + column] === 1 ? "may attend" : "may not attend";
            const value = asNumbers ? `: ${formatNumber(attention[row * N + column], 3)}` : "";
            return `${names[row]} ${allowed} ${names[column]}${value}`;
          },
          ...(cell >= 26 && {
            texts: (row: number, column: number) => {
              const value = asNumbers ? attention[row * N + column] : mask[row * N + column];
              return Number.isNaN(value) ? [] : [asNumbers ? formatNumber(value, 2) : String(value)];
            },
          }),
        },
        area,
      ),
      outline(area),
      rowNames(names, area, room),
      columnNames(names, area, room),
    ]);
  const left = table("Mask", (row, column) => mask[row * N + column] * 0.6, false);
  const right = table("Attention", (row, column) => attention[row * N + column], true);
  if (layout.narrow) {
    return [
      { height, markup: left },
      { height, markup: right },
    ];
  }
  const beside = element("g", { transform: `translate(${Math.round(width + gap)} 0)` }, right);
  return [{ height, markup: join([left, beside]) }];
}
