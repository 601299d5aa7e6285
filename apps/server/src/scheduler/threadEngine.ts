/**
 * An engine whose model runs in another thread: hands tasks over, and gives each reader the news of its own. A thread that fails takes its
 * tasks with it, and is started again.
 */

import type { EmbeddingTask, Engine, EngineStats, GenerationEvent, GenerationTask } from "../engine/engine.ts";
import { EngineError } from "../engine/engineError.ts";
import type { EngineModel, EngineRequest } from "./engineMessages.ts";
import type { OpenEngineOptions } from "./engineOptions.ts";
import type { EngineThread, TaskReply } from "./engineThread.ts";
import { Inbox } from "./inbox.ts";

/** Starts a thread, whose replies go to the function given. */
export type StartThread = (onReply: (reply: TaskReply) => void) => Promise<EngineThread>;

type FailureOptions = Pick<OpenEngineOptions, "restartDelay" | "onFailure">;

const LONGEST_DELAY = 60_000;

/** Milliseconds that a thread is given to free its model. */
const CLOSING_TIME = 30_000;

export class ThreadEngine implements Engine {
  /** What is known of the model. */
  readonly model: EngineModel;
  readonly #start: StartThread;
  readonly #options: FailureOptions;
  readonly #inboxes = new Map<number, Inbox>();
  /** Undefined while it is down. */
  #thread: EngineThread | undefined;
  #stats: EngineStats;
  /** What threads that have ended had counted. */
  #before = { prefixQueries: 0, prefixHits: 0 };
  #nextId = 0;
  /** Failures since a task was last done. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Settles when it is up again, or cannot be. */
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws What starting the thread throws. */
  static async open(start: StartThread, options: FailureOptions): Promise<ThreadEngine> {
    let take = (_: TaskReply): void => undefined;
    const thread = await start((reply) => take(reply));
    const engine = new ThreadEngine(start, thread, options);
    take = (reply) => engine.#take(reply);
    return engine;
  }

  private constructor(start: StartThread, thread: EngineThread, options: FailureOptions) {
    this.#start = start;
    this.#options = options;
    this.model = thread.model;
    this.#stats = this.#idleStats();
    this.#attach(thread);
  }

  get blockSize(): number {
    return this.model.blockSize;
  }

  get vocabSize(): number {
    return this.model.vocabSize;
  }

  get embeddingSize(): number | undefined {
    return this.model.embeddingSize;
  }

  async *generate(task: GenerationTask, signal?: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const { inbox, finish } = this.#submit((id) => ({ type: "generate", id, task }), signal);
    try {
      for (let isEnded = false; !isEnded;) {
        const event = await inbox.next();
        isEnded = event.type === "end";
        if (isEnded) inbox.isDone = true;
        yield event;
      }
    } finally {
      finish();
    }
  }

  async embed(task: EmbeddingTask, signal?: AbortSignal): Promise<Float32Array> {
    const { inbox, finish } = this.#submit((id) => ({ type: "embed", id, task }), signal);
    try {
      const embedding = await inbox.embedding();
      inbox.isDone = true;
      return embedding;
    } finally {
      finish();
    }
  }

  stats(): EngineStats {
    const { prefixQueries, prefixHits } = this.#before;
    const stats = this.#stats;
    return {
      ...stats,
      prefixQueries: prefixQueries + stats.prefixQueries,
      prefixHits: prefixHits + stats.prefixHits,
    };
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Hands a task over. @returns where its news arrive, and what ends it whether it is done or not. */
  #submit(
    requestOf: (id: number) => EngineRequest,
    signal: AbortSignal | undefined,
  ): { readonly inbox: Inbox; readonly finish: () => void } {
    signal?.throwIfAborted();
    if (this.#closing !== undefined) throw new EngineError("closed", "the server is shutting down", { retryAfter: 1 });
    const thread = this.#thread;
    if (thread === undefined) throw this.#downError();
    const id = this.#nextId++;
    const inbox = new Inbox();
    const abort = (): void => inbox.abort(signal?.reason);
    const finish = (): void => {
      signal?.removeEventListener("abort", abort);
      this.#inboxes.delete(id);
      if (!inbox.isDone) thread.send({ type: "cancel", id });
    };
    this.#inboxes.set(id, inbox);
    signal?.addEventListener("abort", abort, { once: true });
    thread.send(requestOf(id));
    return { inbox, finish };
  }

  #take(reply: TaskReply): void {
    this.#stats = reply.stats;
    if (reply.type === "stats") return;
    this.#failures = 0;
    for (const report of reply.reports) this.#inboxes.get(report.id)?.add(report);
  }

  #attach(thread: EngineThread): void {
    this.#thread = thread;
    void thread.ended.then((error) => this.#detach(error));
  }

  /** The thread has ended. */
  #detach(cause: Error | undefined): void {
    this.#thread = undefined;
    const { prefixQueries, prefixHits } = this.stats();
    this.#before = { prefixQueries, prefixHits };
    this.#stats = this.#idleStats();
    const isClosing = this.#closing !== undefined;
    for (const inbox of this.#inboxes.values()) {
      inbox.isDone = true;
      inbox.fail(
        isClosing
          ? new EngineError("closed", "the server is shutting down", { retryAfter: 1 })
          : new EngineError("failed", "the thread that runs the model has ended", { cause }),
      );
    }
    if (isClosing) return;
    const reason = cause?.message ?? "it ended for no reason that is known";
    this.#fail(new Error(`the thread that runs the model has failed: ${reason}`, { cause }));
  }

  /** Tells of a failure, and tries again later. */
  #fail(error: Error): void {
    const { restartDelay = 1000, onFailure } = this.#options;
    onFailure?.(error);
    if (restartDelay === false || this.#closing !== undefined) return;
    const delay = Math.min(restartDelay * 2 ** this.#failures++, LONGEST_DELAY);
    this.#timer = setTimeout(() => {
      this.#starting = this.#startAgain();
    }, delay);
  }

  #downError(): EngineError {
    if (this.#options.restartDelay === false)
      return new EngineError("failed", "the thread that runs the model has ended");
    return new EngineError("closed", "the model has failed and is being loaded again", { retryAfter: 5 });
  }

  async #startAgain(): Promise<void> {
    try {
      this.#attach(await this.#start((reply) => this.#take(reply)));
    } catch (cause) {
      const { message } = cause as Error;
      this.#fail(new Error(`the thread that runs the model cannot be started again: ${message}`, { cause }));
    }
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#starting;
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.send({ type: "close" });
    const timer = setTimeout(() => thread.terminate(), CLOSING_TIME);
    await thread.ended;
    clearTimeout(timer);
  }

  #idleStats(): EngineStats {
    const { slots } = this.model;
    return { running: 0, waiting: 0, slots, cacheUsage: 0, prefixQueries: 0, prefixHits: 0 };
  }
}
