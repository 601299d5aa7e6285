/**
 * What watches a training beside the terminal, as flags of `train` ask for it.
 */

import type { Command } from "commander";
import { Dashboard } from "../dashboard/dashboard.ts";
import { TensorBoardFiles } from "../tensorboard/tensorBoardFiles.ts";
import type { RunObserver } from "../training/runObserver.ts";
import type { TrainPlan } from "../training/train.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/trainingEvent.ts";
import { UsageError } from "../usageError.ts";
import { integerOption } from "./numberOption.ts";
import { StopSignals } from "./stopSignals.ts";

export interface ObserverFlags {
  readonly dashboard?: boolean;
  readonly port?: number;
  readonly keepDashboard?: boolean;
  readonly tensorboard?: boolean;
  readonly json?: boolean;
}

export function addObserverFlags(command: Command): void {
  command
    .option("--dashboard", "serve a live page on 127.0.0.1 while training")
    .option(
      "--port <n>",
      "its port, 0 for any (default: the first free one from 6060 on)",
      integerOption("--port", 0, 65_535),
    )
    .option("--keep-dashboard", "serve it after training too, until Ctrl-C (default: on a terminal, without --json)")
    .option("--no-keep-dashboard", "end when training does")
    .option("--tensorboard", "write event files for TensorBoard to the run's folder tensorboard");
}

export class RunObservers {
  readonly #observers: readonly RunObserver[];
  readonly #dashboard: Dashboard | undefined;
  readonly #stream: NodeJS.WriteStream;
  readonly #keep: boolean;

  private constructor(
    observers: readonly RunObserver[],
    dashboard: Dashboard | undefined,
    { stream, keep }: { stream: NodeJS.WriteStream; keep: boolean },
  ) {
    this.#observers = observers;
    this.#dashboard = dashboard;
    this.#stream = stream;
    this.#keep = keep;
  }

  /** Starts what the flags ask for, and says where the dashboard is. @throws UsageError */
  static async start(plan: TrainPlan, flags: ObserverFlags, stream: NodeJS.WriteStream): Promise<RunObservers> {
    const { port, json = false } = flags;
    if (flags.dashboard !== true && (port !== undefined || flags.keepDashboard === true)) {
      const flag = port === undefined ? "--keep-dashboard" : "--port";
      throw new UsageError(`expected ${flag} together with --dashboard, got it alone`);
    }
    const tensorBoard = flags.tensorboard === true ? await TensorBoardFiles.start(plan.root) : undefined;
    const dashboard = flags.dashboard === true ? await Dashboard.start(plan, port) : undefined;
    if (dashboard !== undefined) stream.write(`dashboard: ${dashboard.url}\n`);
    const keep = flags.keepDashboard ?? (stream.isTTY && !json);
    const observers = [dashboard, tensorBoard];
    return new RunObservers(
      observers.filter((observer) => observer !== undefined),
      dashboard,
      { stream, keep },
    );
  }

  handle(event: TrainingEvent): void {
    for (const observer of this.#observers) observer.handle(event);
  }

  end(outcome: TrainingOutcome): void {
    for (const observer of this.#observers) observer.end(outcome);
  }

  /** Leaves the dashboard open until Ctrl-C, where it is to stay after training, and closes all. */
  async linger({ status }: TrainingOutcome): Promise<void> {
    if (this.#dashboard !== undefined && this.#keep && status !== "stopped") {
      this.#stream.write(`the dashboard stays at ${this.#dashboard.url} until Ctrl-C\n`);
      await signalled();
    }
    await this.close();
  }

  async close(): Promise<void> {
    for (const observer of this.#observers) await observer.close();
  }
}

/** Waits for Ctrl-C or SIGTERM. */
async function signalled(): Promise<void> {
  const signals = new StopSignals({ onFirst: () => undefined, onSecond: () => undefined });
  await new Promise<void>((resolve) => signals.signal.addEventListener("abort", () => resolve(), { once: true }));
  signals.dispose();
}
