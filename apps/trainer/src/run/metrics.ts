/**
 * `metrics.jsonl`: a line of JSON for each logged step. Everything on a line belongs to the weights after `step` steps; only
 * the two times differ between equal runs.
 */

import { type FileHandle, open, readFile } from "node:fs/promises";
import { writeFileAtomic } from "@llm-learning/datasets/node";

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
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Opens the file of a run that goes on at `step`: lines of that step and later, of a session that went further than its
   * last checkpoint, are dropped, and so is a line that was cut short by a kill.
   *
   * @returns the writer, and the wall time that the kept lines report.
   */
  static async open(path: string, step: number): Promise<{ writer: MetricsWriter; elapsedSeconds: number }> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const kept = parseMetrics(text).filter((line) => line.step < step);
    const content = kept.map((line) => `${JSON.stringify(line)}\n`).join("");
    if (content !== text) await writeFileAtomic(path, content);
    const writer = new MetricsWriter(await open(path, "a"));
    return { writer, elapsedSeconds: kept.at(-1)?.elapsedSeconds ?? 0 };
  }

  async append(line: Metrics): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
  }

  /** Makes the lines last: called where a checkpoint is written, which they must not fall behind. */
  async sync(): Promise<void> {
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The lines of a `metrics.jsonl`, up to the first that is not one. */
export function parseMetrics(text: string): Metrics[] {
  const lines: Metrics[] = [];
  for (const line of text.split("\n")) {
    const metrics = parseLine(line);
    if (metrics === undefined) break;
    lines.push(metrics);
  }
  return lines;
}

function parseLine(line: string): Metrics | undefined {
  try {
    const value = JSON.parse(line) as Metrics | null;
    return typeof value?.step === "number" && typeof value.elapsedSeconds === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}
