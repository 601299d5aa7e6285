/**
 * The attention of a model directory, in a thread of its own that starts with the first question and ends when there are no more: the
 * file is as large as the model, and most of the time nobody looks.
 *
 * From TypeScript sources, which a thread of Node 20 cannot load, the model runs in this thread.
 */

import { Worker } from "node:worker_threads";
import { EngineError } from "../engine/engineError.ts";
import type { AttentionReader, AttentionTask, AttentionWeights } from "./attention.ts";
import { AttentionModel } from "./attentionModel.ts";
import type { AttentionReply, AttentionRequest } from "./attentionWorker.ts";

/** Questions that may wait; more are told to come back. */
const MAX_WAITING = 16;

/** Seconds without a question after which the model is freed. */
const IDLE_SECONDS = 60;

interface Job {
  readonly tokens: readonly number[];
  readonly signal: AbortSignal | undefined;
  readonly resolve: (weights: AttentionWeights) => void;
  readonly reject: (error: unknown) => void;
}

/** Whatever answers: a thread, or this one. */
interface Answerer {
  ask(tokens: readonly number[]): Promise<AttentionWeights>;
  end(): Promise<void>;
}

export class AttentionThread implements AttentionReader {
  readonly #file: string;
  readonly #waiting: Job[] = [];
  #answerer: Answerer | undefined;
  /** The question that is being answered. */
  #running: Promise<void> | undefined;
  #isClosed = false;
  #idle: NodeJS.Timeout | undefined;

  /** @param file - Path of `onnx/model_attentions.onnx`, which is opened when it is first asked. */
  constructor(file: string) {
    this.#file = file;
  }

  async attention({ tokens }: AttentionTask, signal?: AbortSignal): Promise<AttentionWeights> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    if (this.#waiting.length >= MAX_WAITING) {
      throw new EngineError("queue_full", "too many questions about attention wait", { retryAfter: 1 });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ tokens, signal, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await this.#running;
    await this.#end();
  }

  #next(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    clearTimeout(this.#idle);
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#idle = setTimeout(() => void this.#end(), 1000 * IDLE_SECONDS).unref();
      return;
    }
    this.#running = this.#answer(job).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  async #answer({ tokens, signal, resolve, reject }: Job): Promise<void> {
    if (signal?.aborted === true) return reject(signal.reason);
    try {
      this.#answerer ??= answererOf(this.#file);
      resolve(await this.#answerer.ask(tokens));
    } catch (cause) {
      reject(new EngineError("failed", (cause as Error).message, { cause }));
      // A model that failed once is opened anew.
      await this.#end();
    }
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const answerer = this.#answerer;
    this.#answerer = undefined;
    await answerer?.end();
  }
}

function closed(): EngineError {
  return new EngineError("closed", "the server is shutting down", { retryAfter: 1 });
}

function answererOf(file: string): Answerer {
  return import.meta.url.endsWith(".ts") ? answerHere(file) : answerInThread(file);
}

function answerHere(file: string): Answerer {
  const opening = AttentionModel.open(file);
  return {
    ask: async (tokens) => (await opening).attend(tokens),
    end: async () => (await opening.catch(() => undefined))?.dispose(),
  };
}

function answerInThread(file: string): Answerer {
  const worker = new Worker(new URL("./attentionWorker.js", import.meta.url), { workerData: file });
  // It keeps the process alive where it has something to do.
  worker.unref();
  let settle: ((reply: AttentionReply) => void) | undefined;
  let fault: Error | undefined;
  worker.on("message", (reply: AttentionReply) => settle?.(reply));
  worker.on("error", (error) => {
    fault = error as Error;
  });
  let ending: AttentionReply | undefined;
  worker.on("exit", () => {
    ending = { error: fault?.message ?? "the thread that looks at attention has ended" };
    settle?.(ending);
  });
  const ended = new Promise<void>((resolve) => void worker.on("exit", () => resolve()));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin, unlike a window
  const send = (request: AttentionRequest): void => worker.postMessage(request);
  return {
    ask: async (tokens) => {
      worker.ref();
      const reply = await new Promise<AttentionReply>((resolve) => {
        settle = resolve;
        if (ending === undefined) send(tokens);
        else resolve(ending);
      });
      worker.unref();
      if ("error" in reply) throw new Error(reply.error);
      return reply.weights;
    },
    end: () => {
      worker.ref();
      send("close");
      return ended;
    },
  };
}
