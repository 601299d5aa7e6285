/**
 * Renders the chat templates of all models in one thread beside the event loop, one conversation at a time. A template is code, of
 * whoever published the model, over messages of whoever asks: a loop in a loop over many messages takes seconds, a loop without end for
 * ever. What takes too long is given up, and the thread with it; the next conversation gets a new one.
 *
 * From TypeScript sources, which a thread of Node 20 cannot load, templates are rendered in this thread.
 */

import { Worker } from "node:worker_threads";
import { EngineError } from "../engine/engineError.ts";
import type { ChatMessage, ChatTemplate } from "../model/servedModel.ts";
import { compileTemplate, type Conversation } from "./compiledTemplate.ts";
import type { ChatTemplateSource } from "./chatTemplateSource.ts";
import type { RenderAnswer, RenderTask } from "./templateWorker.ts";

/** Conversations that may wait; more are told to come back. */
const MAX_WAITING = 1000;

interface Job {
  readonly task: RenderTask;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

export class TemplateThread {
  readonly #sources: readonly ChatTemplateSource[];
  readonly #deadlineMs: number;
  readonly #waiting: Job[] = [];
  #running: Job | undefined;
  #worker: Worker | undefined;
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /**
   * @param sources - The templates.
   * @param deadlineMs - How long one conversation may take. @defaultValue 5000
   */
  constructor(sources: readonly ChatTemplateSource[], { deadlineMs = 5000 }: { deadlineMs?: number } = {}) {
    this.#sources = sources;
    this.#deadlineMs = deadlineMs;
  }

  /** The template at a place of the list. */
  template(index: number): ChatTemplate {
    const source = this.#sources[index];
    const inThisThread = import.meta.url.endsWith(".ts") ? compileTemplate(source) : undefined;
    return {
      stops: source.stops,
      render: async (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => {
        const conversation: Conversation = { messages, addGenerationPrompt };
        return inThisThread?.(conversation) ?? this.#render({ template: index, ...conversation });
      },
    };
  }

  /** Ends the thread; what waits for it fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EngineError("closed", "the server is shutting down", { retryAfter: 1 });
    for (const job of [this.#running, ...this.#waiting.splice(0)]) job?.reject(closed);
    this.#running = undefined;
    await this.#endWorker();
  }

  #render(task: RenderTask): Promise<string> {
    if (this.#isClosed) throw new EngineError("closed", "the server is shutting down", { retryAfter: 1 });
    if (this.#waiting.length >= MAX_WAITING) {
      throw new EngineError("queue_full", "too many conversations wait to be rendered", { retryAfter: 1 });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#next();
    });
  }

  /** Hands the next conversation to the thread, if it is free. */
  #next(): void {
    if (this.#running !== undefined || this.#waiting.length === 0) return;
    this.#worker ??= this.#startWorker();
    if (!this.#isReady) return;
    const job = this.#waiting.shift() as Job;
    this.#running = job;
    this.#timer = setTimeout(() => {
      const late = `expected a conversation that the model's chat template renders within ${this.#deadlineMs} ms, got a longer one`;
      this.#giveUp(new RangeError(late));
    }, this.#deadlineMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, unlike a window
    this.#worker.postMessage(job.task);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("./templateWorker.js", import.meta.url), {
      workerData: this.#sources,
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
    });
    // The server is what keeps the process alive.
    worker.unref();
    worker.on("message", (answer: RenderAnswer) => {
      if (worker !== this.#worker) return;
      if ("ready" in answer) this.#isReady = true;
      else this.#answer(answer);
      this.#next();
    });
    worker.on("error", ({ message }) => {
      if (worker !== this.#worker) return;
      this.#giveUp(new RangeError(`expected a conversation that the model's chat template takes, got: ${message}`));
    });
    return worker;
  }

  #answer(answer: { readonly text: string } | { readonly error: string }): void {
    clearTimeout(this.#timer);
    const job = this.#running;
    this.#running = undefined;
    if ("text" in answer) job?.resolve(answer.text);
    else job?.reject(new RangeError(answer.error));
  }

  /** Fails the conversation that runs; those that wait get a new thread. */
  #giveUp(error: Error): void {
    // Without a conversation the thread could not even start: whoever is next is told, or this would go on for ever.
    const job = this.#running ?? this.#waiting.shift();
    this.#running = undefined;
    void this.#endWorker();
    job?.reject(error);
    this.#next();
  }

  async #endWorker(): Promise<void> {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#isReady = false;
    await worker?.terminate();
  }
}
