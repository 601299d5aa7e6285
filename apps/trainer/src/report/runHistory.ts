/**
 * What a run has written of itself so far: the numbers of `metrics.jsonl` as series that plots take, statistics, samples. It is filled from the file
 * or, while a run goes on, line by line. The file is foreign: what is no number in it is left out.
 */

import { readFile, stat } from "node:fs/promises";
import type { StatisticsLine } from "@llm-learning/diagnostics";
import type { NGramBaseline } from "../evaluation/ngramBaseline.ts";
import { type Metrics, parseMetrics } from "../run/metrics.ts";
import type { RunPaths } from "../run/runPaths.ts";
import { parseSamples, type SamplesLine } from "../run/samplesLines.ts";
import { UsageError } from "../usageError.ts";
import { readStatistics } from "./statisticsFile.ts";
import { Thinned } from "./thinned.ts";

/** Values at rising steps. */
export interface Series {
  readonly steps: number[];
  readonly values: number[];
}

/** The series that a run has. */
export const seriesKeys = [
  "trainLoss",
  "valLoss",
  "evalTrainLoss",
  "learningRate",
  "gradNorm",
  "tokensPerSecond",
  "elapsedSeconds",
] as const satisfies readonly (keyof Metrics)[];

export type SeriesKey = (typeof seriesKeys)[number];

/** Bytes of a file of lines that are read: of a metrics.jsonl a million lines. */
const MAX_BYTES = 1 << 28;

/** Watched steps that are kept: some ten thousand numbers each. */
const MOST_STATISTICS = 256;

/** Steps of which samples are kept. */
const MOST_SAMPLES = 64;

const MAX_BASELINE_LENGTH = 10_000;

export class RunHistory {
  readonly #series = new Map<SeriesKey, Series>(seriesKeys.map((key) => [key, { steps: [], values: [] }]));
  #step = -1;
  readonly #statistics = new Thinned<StatisticsLine>(MOST_STATISTICS);
  readonly #samples = new Thinned<SamplesLine>(MOST_SAMPLES);
  /** What counting alone achieves on the same tokens, once it is known. */
  baseline: Pick<NGramBaseline, "name" | "valLoss"> | undefined;

  /** Reads what a run has written, its lines up to the first damaged one. @throws UsageError */
  static async read({ metrics, diagnostics, samples, baseline }: RunPaths): Promise<RunHistory> {
    const history = new RunHistory();
    for (const line of parseMetrics(await readLines(metrics))) history.add(line);
    for (const line of parseSamples(await readLines(samples))) history.addSamples(line);
    for await (const line of readStatistics(diagnostics)) history.addStatistics(line);
    history.baseline = await readBaseline(baseline);
    return history;
  }

  /** Takes a line; one of an earlier step than the newest is of another session, and left out. */
  add(line: Metrics): void {
    if (!Number.isSafeInteger(line.step) || line.step <= this.#step) return;
    this.#step = line.step;
    for (const [key, { steps, values }] of this.#series) {
      const value: unknown = line[key];
      if (typeof value !== "number") continue;
      steps.push(line.step);
      values.push(value);
    }
  }

  /** Takes the statistics of a step. */
  addStatistics(line: StatisticsLine): void {
    this.#statistics.add(line);
  }

  /** Takes what the weights of a step wrote. */
  addSamples(line: SamplesLine): void {
    this.#samples.add(line);
  }

  /** The statistics of watched steps; of a long run some, at equal distances, and the newest. */
  get statistics(): readonly StatisticsLine[] {
    return this.#statistics.items;
  }

  /** What the model wrote while it trained; of a long run some lines, at equal distances, and the newest. */
  get samples(): readonly SamplesLine[] {
    return this.#samples.items;
  }

  /** The newest step; -1 where there is none. */
  get step(): number {
    return this.#step;
  }

  series(key: SeriesKey): Series {
    return this.#series.get(key) as Series;
  }

  /** The newest value. */
  latest(key: SeriesKey): number | undefined {
    return this.series(key).values.at(-1);
  }

  /** The lowest validation loss and its step. */
  get best(): { readonly step: number; readonly valLoss: number } | undefined {
    const { steps, values } = this.series("valLoss");
    const lowest = values.reduce((best, value, i) => (value < (values[best] ?? Infinity) ? i : best), -1);
    return lowest < 0 ? undefined : { step: steps[lowest], valLoss: values[lowest] };
  }
}

/** A file of lines, empty where there is none. @throws UsageError for one that is too large, or no file. */
async function readLines(path: string): Promise<string> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return "";
  if (!info.isFile() || info.size > MAX_BYTES) {
    const got = info.isFile() ? `${info.size} bytes` : "something else";
    throw new UsageError(`expected a file of at most ${MAX_BYTES} bytes at ${JSON.stringify(path)}, got ${got}`);
  }
  return readFile(path, "utf8");
}

/** The loss of the n-gram model that the run was compared with; undefined where there is none that could be understood. */
async function readBaseline(path: string): Promise<RunHistory["baseline"]> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (text.length > MAX_BASELINE_LENGTH) return undefined;
  try {
    const { name, valLoss } = JSON.parse(text) as Partial<NGramBaseline>;
    if (typeof name !== "string" || !Number.isFinite(valLoss)) return undefined;
    return { name: name.slice(0, 80), valLoss: valLoss as number };
  } catch {
    return undefined;
  }
}
