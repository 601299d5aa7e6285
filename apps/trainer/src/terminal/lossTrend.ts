/**
 * How losses went so far, as a few short lines of blocks: what stands under the progress bar.
 */

import { sparkline, type StatisticsLine } from "@llm-learning/diagnostics";
import type { Metrics } from "../run/metrics.ts";

/** Values kept of each series; when there are more, neighbours are averaged. */
const KEPT = 512;

/** Series in the order in which they are shown. */
const names = ["train loss", "val loss", "update:data"] as const;

type SeriesName = (typeof names)[number];

export class LossTrend {
  readonly #series = new Map<SeriesName, Trend>();

  /** Takes a logged step. */
  add({ trainLoss, valLoss }: Pick<Metrics, "trainLoss" | "valLoss">): void {
    this.#push("train loss", trainLoss);
    if (valLoss !== undefined) this.#push("val loss", valLoss);
  }

  /** Takes a watched step: the middle one of its matrices' update:data, as a power of ten. */
  addUpdates({ records }: StatisticsLine): void {
    const ratios = records.flatMap(({ updateToData }) =>
      updateToData !== null && updateToData > 0 ? [updateToData] : [],
    );
    if (ratios.length === 0) return;
    ratios.sort((a, b) => a - b);
    this.#push("update:data", Math.log10(ratios[ratios.length >> 1]));
  }

  /**
   * A line for each series that has values: its name, its blocks, the newest value.
   *
   * @param columns - Width of the terminal.
   */
  lines(columns: number): string[] {
    const width = Math.max(8, Math.min(48, columns - 32));
    return names.flatMap((name) => {
      const trend = this.#series.get(name);
      if (trend === undefined) return [];
      return [`${name.padEnd(12)} ${sparkline(trend.values, { width }).padEnd(width)} ${trend.latest.toFixed(3)}`];
    });
  }

  #push(name: SeriesName, value: number): void {
    const trend = this.#series.get(name) ?? new Trend();
    trend.push(value);
    this.#series.set(name, trend);
  }
}

/** A series of any length in bounded memory: each value kept is the mean of as many. */
class Trend {
  readonly values: number[] = [];
  latest = NaN;
  #perValue = 1;
  #sum = 0;
  #count = 0;

  push(value: number): void {
    this.latest = value;
    this.#sum += value;
    this.#count++;
    if (this.#count < this.#perValue) return;
    this.values.push(this.#sum / this.#count);
    this.#sum = 0;
    this.#count = 0;
    if (this.values.length < KEPT) return;
    const halved = Array.from({ length: KEPT / 2 }, (_, i) => (this.values[2 * i] + this.values[2 * i + 1]) / 2);
    this.values.splice(0, KEPT, ...halved);
    this.#perValue *= 2;
  }
}
