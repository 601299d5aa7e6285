/**
 * Where tokens lie in two dimensions of their embedding.
 */

import { drawAxes } from "./drawing/axes.ts";
import { extent, layAxis } from "./drawing/axis.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber } from "./drawing/number.ts";
import { seriesColor } from "./drawing/palette.ts";
import { element, join, type Markup } from "./drawing/svg.ts";
import { shorten, textAt, textWidth, visibleText } from "./drawing/text.ts";

/** What {@link embeddingScatter} draws. */
export interface EmbeddingData {
  /** `[V, D]`, row by row. */
  embedding: ArrayLike<number>;
  /** The V tokens. White space is made visible. */
  tokens: readonly string[];
}

/** Options of {@link embeddingScatter}. */
export interface EmbeddingScatterOptions extends PlotOptions {
  /** Which two dimensions are drawn, counted from 0. @defaultValue [0, 1] */
  dimensions?: readonly [number, number];
}

const mostTokens = 2000;

/**
 * Draws each token at its place in two dimensions of the embedding, a short one in a ring, a longer one beside a dot.
 * Where names would cover each other only the dot is drawn; the name is under the pointer.
 *
 * @throws RangeError if there are no tokens or more than 2000, the sizes do not fit, or a dimension does not exist.
 */
export function embeddingScatter(data: EmbeddingData, options: EmbeddingScatterOptions = {}): string {
  const { embedding, tokens } = data;
  const { dimensions = [0, 1] } = options;
  const V = tokens.length;
  if (V === 0 || V > mostTokens) throw new RangeError(`embeddingScatter: expected 1 to ${mostTokens} tokens, got ${V}`);
  const D = embedding.length / V;
  if (!Number.isInteger(D)) {
    throw new RangeError(
      `embeddingScatter: expected rows of one length for ${V} tokens, got ${embedding.length} numbers`,
    );
  }
  const missing = dimensions.find((dimension) => !(Number.isInteger(dimension) && dimension >= 0 && dimension < D));
  if (missing !== undefined) {
    throw new RangeError(`embeddingScatter: expected dimensions from 0 to ${D - 1}, got ${missing}`);
  }
  const [xs, ys] = dimensions.map((dimension) => tokens.map((_, i) => embedding[i * D + dimension]));
  const names = tokens.map(visibleText);
  const inRings = V <= 200 && names.every((name) => textWidth(name, 12) <= 16);

  return figure("embeddingScatter", options, (layout) => {
    const height = Math.round(Math.min(layout.width * 0.75, 560));
    const [top, bottom] = [26, 26 + height];
    const xAxis = { label: `dimension ${dimensions[0]}` };
    const yAxis = { label: `dimension ${dimensions[1]}` };
    const y = layAxis(yAxis, extent([ys]), [bottom - 14, top + 14], { count: Math.floor(height / 60), nice: false });
    const left = Math.ceil(Math.max(...y.ticks.map(({ text }) => textWidth(text ?? "", 11)))) + 9;
    const right = layout.width - 4;
    const count = Math.max(2, Math.floor((right - left) / 90));
    const x = layAxis(xAxis, extent([xs]), [left + 14, right - 14], { count, nice: false });
    const places = names.map((name, i) => ({ name, x: x.place(xs[i]), y: y.place(ys[i]), i }));
    const finite = places.filter((place) => Number.isFinite(place.x) && Number.isFinite(place.y));
    const named = inRings ? undefined : freeOfOverlap(finite, right);
    const points = finite.map(({ name, x, y, i }) => {
      const title = element("title", {}, `${shorten(name, 400)}: ${formatNumber(xs[i])}, ${formatNumber(ys[i])}`);
      if (inRings) {
        const ring = element("circle", { cx: x, cy: y, r: 10, fill: "currentColor", "fill-opacity": 0.14 });
        const edge = element("circle", {
          cx: x,
          cy: y,
          r: 10,
          fill: "none",
          stroke: "currentColor",
          "stroke-width": 1.25,
        });
        return element("g", {}, title, ring, edge, inkText(x, y + 4, name, "middle"));
      }
      const dot = element("circle", { cx: x, cy: y, r: 3, fill: "currentColor" });
      const label = named?.get(i);
      return element("g", {}, title, dot, label === undefined ? undefined : inkText(x + 6, y + 4, label, "start"));
    });
    const lost = V - finite.length;
    return {
      title: "Embedding",
      description: `${formatCount(V, "token")} in dimensions ${dimensions.join(" and ")} of ${D} of the embedding.`,
      blocks: [
        {
          height: bottom + 38,
          markup: join([
            drawAxes({ left, right, top, bottom, width: layout.width }, { x, y }, { x: xAxis, y: yAxis }),
            element("g", seriesColor(0), ...points),
          ]),
        },
      ],
      notes: [
        lost === 0 ? "" : `× ${formatCount(lost, "token has", "tokens have")} no finite place.`,
        named === undefined || named.size === finite.length ? "" : `${named.size} of ${finite.length} names have room.`,
      ],
    };
  });
}

/** Text in the ink of the page inside a coloured group. */
function inkText(x: number, y: number, text: string, anchor: "start" | "middle"): Markup {
  return element("g", { class: "ink", color: "#1f2328" }, textAt(x, y, text, { size: 12, anchor, kind: "halo" }));
}

/** The names, in order, that cover none before them and no edge. */
function freeOfOverlap(
  places: readonly { name: string; x: number; y: number; i: number }[],
  right: number,
): Map<number, string> {
  const taken: { left: number; right: number; y: number }[] = [];
  const free = new Map<number, string>();
  for (const { name, x, y, i } of places) {
    const label = shorten(name, 120);
    const box = { left: x + 4, right: x + 8 + textWidth(label), y };
    const covers = taken.some(
      (other) => Math.abs(other.y - box.y) < 13 && other.left < box.right && box.left < other.right,
    );
    if (covers || box.right > right) continue;
    taken.push(box);
    free.set(i, label);
  }
  return free;
}
