/**
 * `metrics.jsonl`: a line of JSON for each logged step. Everything on a line belongs to the weights after `step` steps; only
 * the two times differ between equal runs.
 */

import { parseStepLines, StepLines } from "./stepLines.ts";

/** A line of `metrics.jsonl`. */
export interface Metrics {
  /** Steps that the weights were trained before. */
  readonly step: number;
  /** Loss of this step's batch, in nats per token, with dropout. */
  readonly trainLoss: number;
  /** Loss on fixed places of the validation part; at evaluations only. */
  readonly valLoss?: number;
  /** Loss on as many fixed places of the training part, without dropout; at evaluations only. */
  readonly evalTrainLoss?: number;
  /** Learning rate of this step's update. */
  readonly learningRate: number;
  /** Norm of all gradients together, before clipping. */
  readonly gradNorm: number;
  /** Tokens trained on per second since the line before, evaluations and checkpoints aside. */
  readonly tokensPerSecond: number;
  /** Wall time of training up to here, over all sessions of the run. */
  readonly elapsedSeconds: number;
}

/** Appends lines to a run's metrics. */
export class MetricsWriter {
  readonly #lines: StepLines<Metrics>;

  private constructor(lines: StepLines<Metrics>) {
    this.#lines = lines;
  }

  /**
   * Opens the file of a run that goes on at `step`, as {@link StepLines.open}.
   *
   * @returns the writer, and the wall time that the lines up to `step` report.
   */
  static async open(path: string, step: number): Promise<{ writer: MetricsWriter; elapsedSeconds: number }> {
    let elapsedSeconds = 0;
    const lines = await StepLines.open<Metrics>(path, step, isMetrics, (line) => ({ elapsedSeconds } = line));
    return { writer: new MetricsWriter(lines), elapsedSeconds };
  }

  async append(line: Metrics): Promise<void> {
    await this.#lines.append(line);
  }

  /** As {@link StepLines.sync}. */
  async sync(): Promise<void> {
    await this.#lines.sync();
  }

  async close(): Promise<void> {
    await this.#lines.close();
  }
}

/** The lines of a `metrics.jsonl`, up to the first that is not one. */
export function parseMetrics(text: string): Metrics[] {
  return parseStepLines<Metrics>(text, isMetrics);
}

function isMetrics({ elapsedSeconds }: Partial<Metrics>): boolean {
  return typeof elapsedSeconds === "number";
}
