/**
 * The profile of a training step as tables for a terminal.
 */

import { formatCount } from "../terminal/format.ts";
import { type LayerRow, type ProfileRow, rate, type TrainingProfile } from "./trainingProfile.ts";

/** Rows that take less than this share of a step are told together. */
const SMALL = 0.002;

/** Tables by operator and by layer, and where the rest of a step goes. Layers of all blocks are one row. */
export function describeProfile(profile: TrainingProfile): string {
  const { stepMs, kernelMs, runMs, batchMs, bindingMs, optimizerMs, steps } = profile;
  const parts: [string, number][] = [
    ["operators", kernelMs],
    ["between operators", runMs - kernelMs],
    ["binding, outputs", bindingMs],
    ["optimizer", optimizerMs],
    ["batch", batchMs],
  ];
  const { productRate, stepRate, bareRate } = profile;
  return [
    `a step takes ${stepMs.toFixed(2)} ms (mean of ${steps}, the profiler's own time included)`,
    "",
    ...table(
      ["", "ms", "share"],
      parts.map(([name, ms]) => [name, ms.toFixed(2), percent(ms / stepMs)]),
    ),
    "",
    ...table(["operator", "ms", "share", "count", "GFLOP/s"], joinSmall(profile.operators).map(operatorCells)),
    "",
    ...table(
      ["layer", "ms", "share", "forward", "backward", "count", "GFLOP/s"],
      joinSmall(acrossBlocks(profile.layers)).map(layerCells),
    ),
    "",
    `matrix products: ${formatCount(profile.flops / 1e6)} MFLOP at ${productRate.toFixed(1)} GFLOP/s; with all the rest ` +
      `${stepRate.toFixed(1)} GFLOP/s, ${percent(stepRate / bareRate)} of a bare product's ${bareRate.toFixed(1)}`,
    "",
  ].join("\n");
}

function operatorCells({ name, ms, share, count, flops, productMs }: ProfileRow): string[] {
  return [name, ms.toFixed(2), percent(share), String(count), speed(flops, productMs)];
}

function layerCells({ name, ms, share, forwardMs, backwardMs, count, flops, productMs }: LayerRow): string[] {
  const times = [forwardMs.toFixed(2), backwardMs.toFixed(2)];
  return [name, ms.toFixed(2), percent(share), ...times, String(count), speed(flops, productMs)];
}

function speed(flops: number, ms: number): string {
  return flops === 0 ? "" : rate(flops, ms).toFixed(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `blocks.0.mlp.expand` and its like as one row, `blocks.*.mlp.expand`, slowest first. */
function acrossBlocks(layers: readonly LayerRow[]): LayerRow[] {
  const joined = new Map<string, LayerRow[]>();
  for (const layer of layers) {
    const name = layer.name.replaceAll(/\.\d+(?=\.|$)/g, ".*");
    joined.set(name, [...(joined.get(name) ?? []), layer]);
  }
  return [...joined].map(([name, rows]) => sum(name, rows)).toSorted((a, b) => b.ms - a.ms);
}

function joinSmall<R extends ProfileRow>(rows: readonly R[]): R[] {
  const small = rows.filter(({ share }) => share < SMALL);
  if (small.length < 2) return [...rows];
  return [...rows.filter(({ share }) => share >= SMALL), sum(`${small.length} others`, small)];
}

/** One row for several: its numbers are their sums. */
function sum<R extends ProfileRow>(name: string, rows: readonly R[]): R {
  const total = { ...rows[0], name };
  const numbers = Object.keys(total).filter((key) => key !== "name") as (keyof R)[];
  for (const key of numbers) total[key] = rows.reduce((all, row) => all + Number(row[key]), 0) as R[keyof R];
  return total;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
}
