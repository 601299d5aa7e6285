/**
 * The processes that serve one port together (`--workers`). The primary process accepts connections and hands them out in turn; each
 * worker has models of its own. One that ends is started again, ever later the more often that fails; the others go on meanwhile.
 *
 * A connection lives in one worker: where that is killed, its clients see the connection reset, or a stream that ends without `[DONE]`,
 * which clients take for the error that it is. Nobody could answer in its stead: half of an answer may be with the client.
 */

import cluster, { type Worker } from "node:cluster";
import type { FastifyBaseLogger } from "fastify";
import { MetricsGatherer } from "../metrics/gatheredMetrics.ts";
import { UsageError } from "../usageError.ts";
import { LISTEN_VARIABLE, tellWorker, type WorkerNews } from "./workerMessages.ts";

export interface WorkerPoolOptions {
  readonly workers: number;
  /** Seconds that a worker is given to drain. */
  readonly drainTimeout: number;
  readonly log: FastifyBaseLogger;
  /** Milliseconds after which a worker that ended is started again, doubled each time it ends without having been ready. */
  readonly restartDelay?: number;
}

const LONGEST_DELAY = 60_000;

/** Seconds that a worker is given to end after it had to be drained. */
const ENDING_SECONDS = 15;

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #metrics = new MetricsGatherer();
  readonly #workers = new Set<Worker>();
  readonly #retired = new Set<Worker>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #failures = 0;
  #isStopping = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    cluster.on("exit", (worker, code, signal) => this.#ended(worker, { code, signal }));
  }

  /**
   * Starts all workers.
   *
   * @returns the address, when all are ready.
   * @throws UsageError with what the first of them refuses; Error where one ends before it is ready.
   */
  async start(): Promise<string> {
    const started = Array.from({ length: this.#options.workers }, () => this.#fork("early"));
    const urls = await Promise.all(started.map(({ ready }) => ready));
    return urls[0];
  }

  /** Replaces the workers one after the other: each goes when its successor is ready. */
  async replace(): Promise<void> {
    const { log } = this.#options;
    log.info("the workers are being replaced");
    const all = [...this.#workers];
    for (const old of all) {
      if (this.#isStopping || this.#retired.has(old)) continue;
      try {
        await this.#fork("late").ready;
      } catch (error) {
        log.error({ err: error }, "a worker was not replaced");
        return;
      }
      await this.#retire(old, { leave: true });
    }
    log.info("the workers are replaced");
  }

  /** Drains all workers, and waits for their end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#workers].map((worker) => this.#retire(worker, { leave: false })));
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#isStopping = true;
    for (const worker of this.#workers) worker.process.kill("SIGKILL");
  }

  #fork(listen: "early" | "late"): { worker: Worker; ready: Promise<string> } {
    const worker = cluster.fork({ [LISTEN_VARIABLE]: listen });
    this.#workers.add(worker);
    this.#metrics.add(worker);
    const ready = new Promise<string>((resolve, reject) => {
      let url = "";
      worker.on("message", (news: WorkerNews) => {
        if (news.type === "serve:listening") url = news.url;
        if (news.type === "serve:refused") reject(new UsageError(news.message));
        if (news.type !== "serve:ready") return;
        this.#failures = 0;
        resolve(url);
      });
      worker.once("exit", (code, signal) =>
        reject(new Error(`a worker ended before it was ready (${signal ?? code})`)),
      );
    });
    // Whoever does not wait for it reads of it in the log.
    ready.catch(() => undefined);
    return { worker, ready };
  }

  #ended(worker: Worker, { code, signal }: { code: number; signal: string | null }): void {
    this.#workers.delete(worker);
    void this.#metrics.remove(worker);
    const isExpected = this.#retired.delete(worker) || this.#isStopping;
    if (isExpected) return;
    const { log, restartDelay = 1000 } = this.#options;
    // One that drained by itself, since somebody sent it SIGTERM, has done nothing wrong.
    const delay = code === 0 ? 0 : Math.min(restartDelay * 2 ** this.#failures++, LONGEST_DELAY);
    log.error({ worker: worker.process.pid, code, signal, delay }, "a worker ended; it is started again");
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#fork(this.#workers.size === 0 ? "early" : "late");
    }, delay);
    this.#timers.add(timer);
  }

  async #retire(worker: Worker, { leave }: { leave: boolean }): Promise<void> {
    this.#retired.add(worker);
    if (worker.isDead()) return;
    const ended = new Promise((resolve) => void worker.once("exit", resolve));
    tellWorker(worker, { type: "serve:drain", leave });
    const late = (this.#options.drainTimeout + ENDING_SECONDS) * 1000;
    const timer = setTimeout(() => worker.process.kill("SIGKILL"), late);
    await ended;
    clearTimeout(timer);
  }
}
