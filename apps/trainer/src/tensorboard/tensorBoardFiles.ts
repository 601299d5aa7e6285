/**
 * A training as TensorBoard event files, written while it goes on: `tensorboard --logdir RUN` shows it.
 */

import { type FileHandle, stat } from "node:fs/promises";
import { join } from "node:path";
import { encodeEvents, type StatisticsRecord, type TensorBoardEvent } from "@llm-learning/diagnostics";
import type { Metrics } from "../run/metrics.ts";
import { ClosingSamples } from "../training/closingSamples.ts";
import type { RunObserver } from "../training/runObserver.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/trainingEvent.ts";
import { UsageError } from "../usageError.ts";
import { openEventFile } from "./eventFolder.ts";

/** The tag of each number of a line of metrics; TensorBoard groups by what stands before the slash. */
const tags = {
  trainLoss: "loss/train",
  valLoss: "loss/validation",
  evalTrainLoss: "loss/train, evaluated",
  learningRate: "optimizer/learning rate",
  gradNorm: "optimizer/gradient norm",
  tokensPerSecond: "speed/tokens per second",
} as const satisfies Partial<Record<keyof Metrics, string>>;

export class TensorBoardFiles implements RunObserver {
  readonly #folder: string;
  readonly #samples = new ClosingSamples();
  #file: FileHandle | undefined;
  #queue: Promise<void> = Promise.resolve();

  /** @param root - The run directory: the files go to its folder `tensorboard`. */
  constructor(root: string) {
    this.#folder = join(root, "tensorboard");
  }

  /** As the constructor, where the folder can be one. @throws UsageError: before a training, and not at its end. */
  static async start(root: string): Promise<TensorBoardFiles> {
    const files = new TensorBoardFiles(root);
    const info = await stat(files.#folder).catch(() => undefined);
    if (info === undefined || info.isDirectory()) return files;
    throw new UsageError(
      `expected a folder for the event files of --tensorboard, got a file at ${JSON.stringify(files.#folder)}`,
    );
  }

  handle(event: TrainingEvent): void {
    const wallTime = Date.now() / 1000;
    if (event.type === "ready") {
      this.#do(async () => {
        this.#file = await openEventFile(this.#folder, event.step, wallTime);
      });
    } else if (event.type === "metrics") {
      this.#append({ wallTime, step: event.metrics.step, values: valuesOf(event.metrics) });
    } else if (event.type === "statistics") {
      this.#append({ wallTime, step: event.line.step, values: event.line.records.flatMap(valuesOfTensor) });
    } else if (event.type === "samples") {
      const { step, texts } = event.line;
      this.#append({ wallTime, step, values: textsAs("samples while training", texts) });
    } else {
      this.#samples.handle(event);
    }
  }

  end({ step }: TrainingOutcome): void {
    const values = textsAs("samples", this.#samples.texts);
    if (values.length > 0) this.#append({ wallTime: Date.now() / 1000, step, values });
  }

  /** @throws Error where a file could not be written. */
  async close(): Promise<void> {
    try {
      await this.#queue;
    } catch (cause) {
      throw new Error(`expected to write event files to ${this.#folder}, got ${(cause as Error).message}`, { cause });
    } finally {
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  #append(event: TensorBoardEvent): void {
    this.#do(async () => this.#file?.appendFile(encodeEvents([event])));
  }

  /** One after the other; after a failure no more. */
  #do(action: () => Promise<void>): void {
    const before = this.#queue;
    this.#queue = (async () => {
      await before;
      await action();
    })();
    // It is told by `close`.
    this.#queue.catch(() => undefined);
  }
}

/** Texts under numbered tags. Markdown keeps the lines of a text that is set in by four spaces. */
function textsAs(group: string, texts: readonly string[]): TensorBoardEvent["values"] {
  return texts.map((text, i) => ({
    tag: `${group}/${i + 1}`,
    text: text.replace(/^/gm, "    "),
  }));
}

function valuesOf(metrics: Metrics): TensorBoardEvent["values"] {
  return Object.entries(tags).flatMap(([key, tag]) => {
    const scalar = metrics[key as keyof typeof tags];
    return scalar === undefined ? [] : [{ tag, scalar }];
  });
}

/** Histograms of a watched tensor and of its gradient, and its update:data as a power of ten. */
function valuesOfTensor({
  name,
  kind,
  histogram,
  gradient,
  updateToData,
}: StatisticsRecord): TensorBoardEvent["values"] {
  const group = kind === "parameter" ? "weights" : "activations";
  return [
    ...(histogram === null ? [] : [{ tag: `${group}/${name}`, histogram }]),
    ...(gradient === null || gradient.histogram === null
      ? []
      : [{ tag: `gradients of ${group}/${name}`, histogram: gradient.histogram }]),
    ...(updateToData === null || updateToData <= 0
      ? []
      : [{ tag: `log10 of update to data/${name}`, scalar: Math.log10(updateToData) }]),
  ];
}
