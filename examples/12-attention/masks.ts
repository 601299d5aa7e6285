/**
 * The graphs that attention runs on, drawn from the masks themselves: each as nodes and edges, and as the matrix that says the same.
 */

import {
  blockSparseMask,
  causalEdges,
  documentMask,
  type Edge,
  graphMask,
  maskEdges,
  prefixMask,
  slidingWindowMask,
} from "@llm-learning/attention";
import { constant, logicalAnd, type Tensor } from "@llm-learning/nn-core";

const T = 8;
const causal = graphMask(T, causalEdges(T));
const blocks: Edge[] = [
  [0, 0],
  [0, 1],
  [1, 1],
  [0, 2],
  [2, 2],
  [0, 3],
  [3, 3],
];
const anyEdges: Edge[] = [
  [0, 0],
  [0, 1],
  [2, 1],
  [1, 5],
  [3, 4],
  [4, 3],
  [7, 2],
  [5, 7],
  [6, 6],
];

/** What the figure shows, by what it is called. */
const masks: Readonly<Record<string, Tensor>> = {
  "everybody: an encoder": constant(new Uint8Array(T * T).fill(1), [T, T]),
  "causal: a decoder": causal,
  "slidingWindowMask(8, 3)": slidingWindowMask(T, 3),
  "… causal: false": slidingWindowMask(T, 3, { causal: false }),
  "prefixMask(8, 3)": prefixMask(T, 3),
  "documentMask, causal": logicalAnd(documentMask([0, 0, 0, 1, 1, 1, 1, 2]), causal),
  "blockSparseMask(8, 2, …)": blockSparseMask(T, 2, blocks),
  "graphMask(8, edges)": graphMask(T, anyEdges),
};

const [CELL, STEP, COLUMNS, WIDTH, HEIGHT] = [13, 20, 4, 190, 268];
const [INK, PAPER, FORWARDS, BACKWARDS, EMPTY] = ["#1f2933", "#ffffff", "#2b6cb0", "#c05621", "#e8ecf0"];

/** The graphs in one figure: above, messages as arcs from speaker to listener; below, a row for each listener. */
export function masksFigure(): string {
  const panels = Object.entries(masks).map(([title, mask], index) => {
    const [x, y] = [(index % COLUMNS) * WIDTH + 16, Math.floor(index / COLUMNS) * HEIGHT + 12];
    return `<g transform="translate(${x} ${y})">${panel(title, maskEdges(mask))}</g>`;
  });
  const [width, height] = [COLUMNS * WIDTH + 8, Math.ceil(panels.length / COLUMNS) * HEIGHT + 8];
  const style = `font-family="system-ui, sans-serif" font-size="12" fill="${INK}"`;
  const paper = `<rect width="${width}" height="${height}" fill="${PAPER}"/>`;
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box} ${style}>\n${paper}\n${panels.join("\n")}\n</svg>\n`;
}

function panel(title: string, edges: readonly Edge[]): string {
  const line = 78; // where the nodes stand
  const at = (node: number): number => node * STEP + 8;
  const arcs = edges.flatMap(([from, to]) => {
    if (from === to) return [];
    const rise = 7 + 3.2 * Math.abs(to - from);
    const isForwards = to > from;
    const top = isForwards ? line - 2 * rise : line + 1.1 * rise;
    const path = `M${at(from)} ${line} Q${(at(from) + at(to)) / 2} ${top.toFixed(1)} ${at(to)} ${line}`;
    return [`<path d="${path}" fill="none" stroke="${isForwards ? FORWARDS : BACKWARDS}" stroke-opacity="0.6"/>`];
  });
  const hearsItself = new Set(edges.flatMap(([from, to]) => (from === to ? [to] : [])));
  const nodes = Array.from({ length: T }, (_, node) => {
    const fill = hearsItself.has(node) ? FORWARDS : PAPER;
    return `<circle cx="${at(node)}" cy="${line}" r="4" fill="${fill}" stroke="${INK}"/>`;
  });
  const cells = (fill: string, isDrawn: (row: number, column: number) => boolean): string => {
    const squares = Array.from({ length: T * T }, (_, cell) => {
      const [row, column] = [Math.floor(cell / T), cell % T];
      const corner = `${column * CELL + 26} ${row * CELL + 128}`;
      return isDrawn(row, column) ? `M${corner}h${CELL - 1}v${CELL - 1}h${1 - CELL}z` : "";
    });
    return `<path d="${squares.join("")}" fill="${fill}"/>`;
  };
  const hears = (to: number, from: number): boolean => edges.some((edge) => edge[0] === from && edge[1] === to);
  const matrix = [
    cells(EMPTY, (row, column) => !hears(row, column)),
    cells(FORWARDS, (row, column) => column <= row && hears(row, column)),
    cells(BACKWARDS, (row, column) => column > row && hears(row, column)),
  ];
  return [`<text x="0" y="12">${title}</text>`, ...arcs, ...nodes, ...matrix].join("");
}
