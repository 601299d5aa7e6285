/**
 * The profile of a training step as plain data: by operator, by layer, and what lies outside the runtime.
 */

import type { Place } from "./layers.ts";
import type { StepTrace } from "./stepTrace.ts";

/** The parts of one step, in ms. */
export interface OutsideTimes {
  /** Until the program was called: examples and masks drawn. */
  readonly batchMs: number;
  /** The call: the runtime's run, and what the binding does before and after it. */
  readonly callMs: number;
  /** After the call: clipping, optimizer, running statistics. */
  readonly optimizerMs: number;
}

/** Time of some operators, in the mean of the steps. */
export interface ProfileRow {
  /** Kind of operator, or path of a layer. */
  readonly name: string;
  readonly ms: number;
  /** Of the whole step, 0 to 1. */
  readonly share: number;
  /** Operators that ran. */
  readonly count: number;
  /** Multiplications and additions in matrix products and convolutions. */
  readonly flops: number;
  /** In matrix products and convolutions alone, in ms. */
  readonly productMs: number;
}

export interface LayerRow extends ProfileRow {
  readonly forwardMs: number;
  readonly backwardMs: number;
}

/** Where the time of a step goes. Times are means in ms. */
export interface TrainingProfile {
  /** Steps measured. */
  readonly steps: number;
  readonly stepMs: number;
  readonly batchMs: number;
  /** Inside the runtime. */
  readonly runMs: number;
  /** Of `runMs`, inside operators. */
  readonly kernelMs: number;
  /** The binding: operands handed over, outputs taken back. */
  readonly bindingMs: number;
  readonly optimizerMs: number;
  /** Multiplications and additions in matrix products and convolutions. */
  readonly flops: number;
  /** Rate of those while they run, in GFLOP/s. */
  readonly productRate: number;
  /** Their rate over the whole step, everything else included. */
  readonly stepRate: number;
  /** Rate of a bare product `[1024, 1024]` by `[1024, 1024]` on this machine. */
  readonly bareRate: number;
  /** Slowest first. */
  readonly operators: readonly ProfileRow[];
  /** Slowest first. */
  readonly layers: readonly LayerRow[];
}

/** What the trace does not know. */
export interface Surroundings {
  readonly times: readonly OutsideTimes[];
  /** Where the operator of this name belongs; undefined for one that the runtime put in. */
  placeOf(name: string): Place | undefined;
  readonly bareRate: number;
}

/** Layer of what comes before everything that has a place. */
const NOWHERE = "(runtime)";

/** Puts a trace and what is around it together. */
export function summarize(
  { runs, runMs, kernels }: StepTrace,
  { times, placeOf, bareRate }: Surroundings,
): TrainingProfile {
  const mean = (part: keyof OutsideTimes): number => times.reduce((sum, time) => sum + time[part], 0) / times.length;
  const [batchMs, callMs, optimizerMs] = [mean("batchMs"), mean("callMs"), mean("optimizerMs")];
  const stepMs = batchMs + callMs + optimizerMs;
  const operators = new Map<string, Row>();
  const layers = new Map<string, Row>();
  // What the runtime puts in, transposes above all, prepares what runs next: it is counted there.
  let next: Place = { layer: NOWHERE, direction: "forward" };
  for (const kernel of kernels.toReversed()) {
    next = placeOf(kernel.name) ?? next;
    rowOf(operators, kernel.op).add(kernel, next.direction);
    rowOf(layers, next.layer).add(kernel, next.direction);
  }
  const total = new Row();
  for (const kernel of kernels) total.add(kernel, "forward");
  const sorted = (rows: ReadonlyMap<string, Row>): LayerRow[] =>
    [...rows].map(([name, row]) => row.read(name, stepMs)).toSorted((a, b) => b.ms - a.ms);
  return {
    steps: runs,
    stepMs,
    batchMs,
    runMs,
    kernelMs: total.ms,
    bindingMs: callMs - runMs,
    optimizerMs,
    flops: total.flops,
    productRate: rate(total.flops, total.productMs),
    stepRate: rate(total.flops, stepMs),
    bareRate,
    operators: sorted(operators).map(({ forwardMs: _, backwardMs: __, ...row }) => row),
    layers: sorted(layers),
  };
}

/** GFLOP/s; 0 where nothing was done. */
export function rate(flops: number, ms: number): number {
  return ms === 0 ? 0 : flops / ms / 1e6;
}

class Row {
  ms = 0;
  flops = 0;
  productMs = 0;
  #count = 0;
  #backwardMs = 0;

  add({ ms, flops }: StepTrace["kernels"][number], direction: Place["direction"]): void {
    this.ms += ms;
    this.flops += flops;
    if (flops > 0) this.productMs += ms;
    if (direction === "backward") this.#backwardMs += ms;
    this.#count++;
  }

  read(name: string, stepMs: number): LayerRow {
    const { ms, flops, productMs } = this;
    const [count, backwardMs] = [this.#count, this.#backwardMs];
    return { name, ms, share: ms / stepMs, count, flops, productMs, forwardMs: ms - backwardMs, backwardMs };
  }
}

function rowOf(rows: Map<string, Row>, name: string): Row {
  const row = rows.get(name) ?? new Row();
  rows.set(name, row);
  return row;
}
