/**
 * Which units are saturated for which examples: a white column is a neuron that no example moves.
 */

import type { Area } from "./drawing/cells.ts";
import { figure, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber, formatPercent } from "./drawing/number.ts";
import { element, formatCoordinate, join, type Markup } from "./drawing/svg.ts";
import { textAt, textWidth } from "./drawing/text.ts";

/** What {@link deadNeuronMatrix} draws. */
export interface DeadNeuronData {
  /** `[examples, neurons]`, row by row: outputs of the non-linearity. */
  activations: ArrayLike<number>;
  neurons: number;
}

/** Options of {@link deadNeuronMatrix}. */
export interface DeadNeuronOptions extends PlotOptions {
  /** Which outputs pass no gradient on: see {@link deadNeuronMatrix}. @defaultValue "tanh" */
  nonlinearity?: "tanh" | "sigmoid" | "relu";
  /** How far out an output of tanh or sigmoid counts as saturated. @defaultValue 0.99 */
  threshold?: number;
}

const mostNeurons = 1024;
const mostExamples = 256;

/**
 * Draws examples down and neurons across, white where an output is saturated: `abs(h) > 0.99` for tanh, `h > 0.99` or
 * `h < 0.01` for sigmoid, `h <= 0` for ReLU. A column that is white throughout is a dead neuron, and gets a mark above.
 *
 * All examples count; of more than 256, some at equal distances are drawn, and of more than 1024 neurons the first.
 *
 * @throws RangeError if there are no activations, or not the same number of neurons in each example.
 */
export function deadNeuronMatrix(data: DeadNeuronData, options: DeadNeuronOptions = {}): string {
  const { activations, neurons } = data;
  const { nonlinearity = "tanh", threshold = 0.99 } = options;
  const examples = activations.length / neurons;
  if (!Number.isSafeInteger(neurons) || neurons < 1 || !Number.isInteger(examples) || examples < 1) {
    const got = `${activations.length} for ${neurons} neurons`;
    throw new RangeError(`deadNeuronMatrix: expected activations of at least one example and neuron, got ${got}`);
  }
  if (!(threshold > 0)) throw new RangeError(`deadNeuronMatrix: expected a threshold above 0, got ${threshold}`);
  const isSaturated = {
    tanh: (h: number) => Math.abs(h) > threshold,
    sigmoid: (h: number) => h > threshold || h < 1 - threshold,
    relu: (h: number) => h <= 0,
  }[nonlinearity];

  const alive = new Uint8Array(neurons);
  let [saturated, missing] = [0, 0];
  for (let i = 0; i < activations.length; i++) {
    if (isSaturated(activations[i])) saturated++;
    else alive[i % neurons] = 1;
    if (Number.isNaN(activations[i])) missing++;
  }
  const dead = Array.from(alive.keys()).filter((neuron) => alive[neuron] === 0);
  const rows = Math.min(examples, mostExamples);
  const columns = Math.min(neurons, mostNeurons);

  return figure("deadNeuronMatrix", options, (layout) => {
    const left = Math.ceil(textWidth(formatNumber(examples), 11)) + 8;
    const width = layout.width - left;
    const cell = width / columns;
    const height = Math.round(Math.min(Math.max(rows * Math.min(cell, 8), 120), 360));
    const area: Area = { x: left, y: 34, width, height };
    const deadShown = dead.filter((neuron) => neuron < columns);
    const marks = deadShown.map((neuron) => {
      return `M${formatCoordinate(left + (neuron + 0.5) * cell)} ${area.y - 3}l-3.5 -7h7z`;
    });
    const described = `${formatPercent(saturated / activations.length)} of ${formatNumber(activations.length)} outputs`;
    return {
      title: "Saturated units",
      description: `${described} are saturated; ${formatCount(dead.length, "neuron is", "neurons are")} dead.`,
      blocks: [
        {
          height: area.y + height + 38,
          markup: join([
            textAt(0, 11, "example, down; white is saturated", { size: 11 }),
            marks.length === 0 ? undefined : element("path", { d: marks.join(""), fill: "currentColor" }),
            matrix(rows, columns, area, (row, neuron) => {
              const example = Math.floor((row * examples) / rows);
              return isSaturated(activations[example * neurons + neuron]);
            }),
            sides(area, examples, columns),
            textAt(left + width / 2, area.y + height + 34, "neuron", { size: 11, anchor: "middle" }),
          ]),
        },
      ],
      notes: [
        `${described} are saturated (${rule(nonlinearity, threshold)}).`,
        dead.length === 0
          ? "No neuron is dead."
          : `▼ dead for all ${formatNumber(examples)} examples: ${listed(dead)}.`,
        missing === 0 ? "" : `${formatCount(missing, "output is", "outputs are")} NaN, drawn black.`,
        rows < examples ? `${rows} of ${formatNumber(examples)} examples are drawn.` : "",
        columns < neurons ? `The first ${formatNumber(columns)} of ${formatNumber(neurons)} neurons are drawn.` : "",
      ],
    };
  });
}

/** Black, with one path for all that is white. These two colours are the plot's meaning and stay on any ground. */
function matrix(rows: number, columns: number, area: Area, isWhite: (row: number, column: number) => boolean): Markup {
  const runs: string[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0, length = 1; column < columns; column += length) {
      length = 1;
      if (!isWhite(row, column)) continue;
      while (column + length < columns && isWhite(row, column + length)) length++;
      runs.push(`M${column} ${row}h${length}v1h-${length}z`);
    }
  }
  const transform = `translate(${area.x} ${area.y}) scale(${area.width / columns} ${area.height / rows})`;
  return join([
    element("g", { color: "#15191e" }, element("rect", { ...area, fill: "currentColor" })),
    element("g", { color: "#ffffff" }, element("path", { d: runs.join(""), fill: "currentColor", transform })),
    element("rect", { ...area, fill: "none", stroke: "currentColor", class: "muted", color: "#57606a" }),
  ]);
}

/** First and last example and neuron. */
function sides({ x, y, width, height }: Area, examples: number, columns: number): Markup {
  const style = { size: 11, kind: "muted number" };
  return join([
    textAt(x - 5, y + 10, "0", { ...style, anchor: "end" }),
    examples > 1 ? textAt(x - 5, y + height - 1, formatNumber(examples - 1), { ...style, anchor: "end" }) : undefined,
    textAt(x, y + height + 15, "0", style),
    columns > 1
      ? textAt(x + width, y + height + 15, formatNumber(columns - 1), { ...style, anchor: "end" })
      : undefined,
  ]);
}

function rule(nonlinearity: "tanh" | "sigmoid" | "relu", threshold: number): string {
  if (nonlinearity === "relu") return "h ≤ 0";
  if (nonlinearity === "tanh") return `abs(h) > ${formatNumber(threshold)}`;
  return `h > ${formatNumber(threshold)} or h < ${formatNumber(1 - threshold)}`;
}

function listed(neurons: readonly number[]): string {
  const shown = neurons.slice(0, 12).join(", ");
  return neurons.length <= 12 ? `neurons ${shown}` : `neurons ${shown} and ${formatNumber(neurons.length - 12)} more`;
}
