/**
 * The dashboard of a training: its server, and what its events change on the page, sent at most once a second.
 */

import { basename, resolve } from "node:path";
import type { RunObserver } from "../training/runObserver.ts";
import { RunHistory } from "../report/runHistory.ts";
import { type RunPaths, runPaths } from "../run/runPaths.ts";
import { batchTitle } from "../config/batchTitle.ts";
import type { TrainPlan } from "../training/train.ts";
import { dataTitle } from "../training/sourceData.ts";
import type { TrainingEvent, TrainingOutcome } from "../training/trainingEvent.ts";
import { dashboardPage, dashboardPolicy } from "./dashboardPage.ts";
import { DashboardServer } from "./dashboardServer.ts";
import { DashboardView } from "./dashboardView.ts";

/** Between two drawings at least, in milliseconds. */
const INTERVAL = 1000;

/** How many times as long as it takes to draw nothing is drawn. */
const SHARE = 10;

export class Dashboard implements RunObserver {
  readonly #view: DashboardView;
  readonly #server: DashboardServer;
  readonly #paths: RunPaths;
  /** Events in their order: reading what a resumed run has written takes a moment. */
  #queue: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #interval = INTERVAL;

  private constructor(view: DashboardView, server: DashboardServer, paths: RunPaths) {
    this.#view = view;
    this.#server = server;
    this.#paths = paths;
  }

  /**
   * Begins to serve the page of what will be trained.
   *
   * @param port - 0 for any. @defaultValue the first free one from 6060 on
   * @throws UsageError where the port is taken.
   */
  static async start(plan: TrainPlan, port?: number): Promise<Dashboard> {
    const { root, config, data, parameterCount } = plan;
    const view = new DashboardView({ config, vocabSize: data.tokenizer.vocabSize, parameterCount });
    const html = dashboardPage({
      title: basename(resolve(root)),
      description: `${config.preset} on ${dataTitle(config.data)}, ${config.maxSteps} steps of ${batchTitle(config)}`,
    });
    const page = { html, policy: dashboardPolicy };
    const server = await DashboardServer.start({ port, page, render: (screen) => view.render(screen) });
    return new Dashboard(view, server, runPaths(root));
  }

  get url(): string {
    return this.#server.url;
  }

  handle(event: TrainingEvent): void {
    // The progress of single steps is not on the page.
    if (event.type === "step") return;
    this.#do(async () => {
      // A resumed run: lines that it will write again are gone from the file by now.
      if (event.type === "ready" && event.step > 0)
        this.#view.begin(await RunHistory.read(this.#paths).catch(() => new RunHistory()));
      this.#view.handle(event);
    });
  }

  end(outcome: TrainingOutcome): void {
    this.#do(() => this.#view.end(outcome));
  }

  async close(): Promise<void> {
    await this.#queue;
    clearTimeout(this.#timer);
    await this.#server.close();
  }

  #do(action: () => void | Promise<void>): void {
    const before = this.#queue;
    this.#queue = (async () => {
      await before;
      try {
        await action();
      } catch (error) {
        this.#view.fail(error);
      }
      this.#timer ??= setTimeout(() => this.#update(), this.#interval).unref();
    })();
  }

  /** Draws, and waits the longer for the next drawing the longer it took: this thread has the terminal to look after. */
  #update(): void {
    this.#timer = undefined;
    const begin = performance.now();
    this.#server.update();
    this.#interval = Math.max(INTERVAL, SHARE * (performance.now() - begin));
  }
}
