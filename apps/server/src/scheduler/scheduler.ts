/**
 * Continuous batching: many tasks share one model, each joining and leaving when it will. Between two steps, which give every running text
 * its next token, prompts are read piece by piece, so that neither keeps the other waiting.
 *
 * It knows a runtime and a clock, and nothing of threads or HTTP. What a task is given depends on the task alone: who else is there
 * decides when, never what.
 *
 * Follows Yu et al. 2022, "Orca" (OSDI; batches made anew for each step), and Agrawal et al. 2024, "Sarathi-Serve" (OSDI; prompts in
 * pieces between steps).
 */

import type { SlotRuntime } from "@llm-learning/onnx/node";
import type { EmbeddingTask, EngineStats, GenerationEvent, GenerationTask } from "../engine/engine.ts";
import { EngineError } from "../engine/engineError.ts";
import { EmbeddingReader } from "./embeddingReader.ts";
import type { EmbeddingJob, GenerationJob, Job, Place } from "./job.ts";
import { Outbox } from "./outbox.ts";
import { PrefixCache } from "./prefixCache.ts";
import { checkPrompt, prepareRun, type RunParts } from "./prepareRun.ts";
import { PromptReader } from "./promptReader.ts";
import { ReadingQueue } from "./readingQueue.ts";
import { SlotQueue } from "./slotQueue.ts";
import type { SchedulerOptions } from "./schedulerOptions.ts";
import type { TaskReport } from "./taskReport.ts";

/** What a scheduler works with. */
export interface SchedulerParts extends RunParts {
  readonly runtime: SlotRuntime;
  /** Takes the news of a tick, while the model runs. */
  readonly onReports: (reports: readonly TaskReport[]) => void;
  /** Resolves once whoever takes the news is ready for those of a further tick. @defaultValue always ready */
  readonly roomForReports?: (() => Promise<void>) | undefined;
}

/** Tokens of prompts that are read at once where no text waits for its next token. */
const IDLE_PREFILL_TOKENS = 512;

/** Serves tasks with one model. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #runtime: SlotRuntime;
  readonly #prefillTokens: number;
  readonly #now: () => number;
  readonly #cache: PrefixCache;
  readonly #outbox: Outbox;
  readonly #jobs = new Map<number, Job>();
  readonly #queue: SlotQueue<GenerationJob>;
  /** Texts to embed, which stand in no slot; one is read at a time. */
  readonly #texts: SlotQueue<EmbeddingJob>;
  readonly #reading = new ReadingQueue();
  readonly #decoding = new Set<GenerationJob>();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: SchedulerParts, options: SchedulerOptions = {}) {
    const { maxQueue = 256, prefillTokens = 128, prefixBytes = 2 ** 28, now = Date.now } = options;
    this.#parts = parts;
    this.#runtime = parts.runtime;
    this.#prefillTokens = prefillTokens;
    this.#now = now;
    this.#cache = new PrefixCache({ maxBytes: prefixBytes });
    this.#outbox = new Outbox(parts.onReports);
    this.#queue = new SlotQueue(parts.runtime.slots, { maxQueue });
    this.#texts = new SlotQueue(1, { maxQueue });
  }

  /**
   * Takes a prompt to continue.
   *
   * @param id - A number that no other task has; reports are about it.
   * @throws EngineError: "invalid" for what cannot be, "unsupported", "queue_full", "closed".
   */
  generate(id: number, task: GenerationTask): void {
    this.#checkOpen();
    const run = prepareRun(task, this.#parts);
    // What nothing is wanted of needs no slot.
    if (run.remaining <= 0 && task.promptLogprobs === undefined) {
      this.#outbox.addEvents(id, [{ type: "prompt", cachedTokens: 0 }, run.end("length")]);
    } else {
      const entered = this.#now();
      const job: GenerationJob = { kind: "generation", id, task, run, entered, place: undefined, isCancelled: false };
      this.#queue.enter(job);
      this.#jobs.set(id, job);
    }
    this.#working ??= this.#work();
  }

  /**
   * Takes a text to embed: the mean of its tokens' last hidden states.
   *
   * @param id - A number that no other task has; reports are about it.
   * @throws EngineError as `generate`.
   */
  embed(id: number, task: EmbeddingTask): void {
    this.#checkOpen();
    checkPrompt(task.prompt, this.#runtime);
    if (this.#runtime.hiddenStates === undefined) {
      const reason = "this model was exported without hidden states, of which embeddings are made";
      throw new EngineError("unsupported", reason);
    }
    const job: EmbeddingJob = { kind: "embedding", id, task, place: undefined, isCancelled: false };
    this.#texts.enter(job);
    this.#jobs.set(id, job);
    this.#working ??= this.#work();
  }

  /** Ends a task that nobody waits for any more; nothing further is reported of it. */
  cancel(id: number): void {
    const job = this.#jobs.get(id);
    this.#outbox.drop(id);
    if (job === undefined) return;
    job.isCancelled = true;
    // One that waits holds nothing that the model may be using.
    if (job.place === undefined) this.#remove(job);
  }

  stats(): EngineStats {
    const { slots, blockSize } = this.#runtime;
    let held = 0;
    for (let slot = 0; slot < slots; slot++) held += this.#runtime.lengthOf(slot);
    return {
      running: this.#queue.running,
      waiting: this.#queue.waiting + this.#texts.waiting + this.#texts.running,
      slots,
      cacheUsage: held / (slots * blockSize),
      prefixQueries: this.#cache.queries,
      prefixHits: this.#cache.hits,
    };
  }

  /** Ends all tasks with "closed", once the model does not run; no further ones are taken. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
    for (const job of this.#jobs.values()) this.#fail(job, closedError());
    this.#outbox.flush();
  }

  async #work(): Promise<void> {
    do {
      // Tasks that come together begin together; and bindings that hold the event loop would leave no room for messages.
      await turnOfLoop();
      await this.#parts.roomForReports?.();
      this.#sweep();
      this.#admit();
      await this.#readPrompts();
      await this.#step();
    } while ((this.#jobs.size > 0 || !this.#outbox.isEmpty) && !this.#isClosed);
    this.#working = undefined;
  }

  /** Ends what was cancelled or is too late. */
  #sweep(): void {
    const now = this.#now();
    for (const job of this.#jobs.values()) {
      if (job.isCancelled) this.#remove(job);
      else if (job.task.deadline !== undefined && job.task.deadline <= now) {
        this.#fail(job, new EngineError("deadline", "the request took longer than it was given"));
      }
    }
  }

  /** Gives free slots to those that wait. */
  #admit(): void {
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) {
      const { job, slot } = next;
      const reader = new PromptReader(job.task, { runtime: this.#runtime, cache: this.#cache, slot });
      job.place = { slot, reader, since: this.#now() };
      this.#reading.add(job);
    }
    this.#admitText();
  }

  /** Begins with the next text to embed, if none is being read. */
  #admitText(): void {
    const next = this.#texts.next();
    const { hiddenStates } = this.#runtime;
    if (next === undefined || hiddenStates === undefined) return;
    const { job, slot } = next;
    job.place = { slot, reader: new EmbeddingReader(job.task, hiddenStates), since: this.#now() };
    this.#reading.add(job);
  }

  /** Reads prompts, as many tokens as there is room for between two steps. */
  async #readPrompts(): Promise<void> {
    for (let used = 0; !this.#isClosed;) {
      const job = this.#reading.next();
      const budget = this.#decoding.size > 0 ? this.#prefillTokens : IDLE_PREFILL_TOKENS;
      if (job === undefined || used >= budget) return;
      this.#outbox.flush();
      used += this.#reading.charge(job, await this.#readPiece(job, budget - used));
      this.#sweep();
      this.#admitText();
    }
  }

  /** @returns how many tokens were read. */
  async #readPiece(job: Job, most: number): Promise<number> {
    try {
      return job.kind === "embedding" ? await this.#readText(job, most) : await this.#readPrompt(job, most);
    } catch (error) {
      this.#fail(job, error);
      return most;
    }
  }

  async #readPrompt(job: GenerationJob, most: number): Promise<number> {
    const { reader, since } = job.place as Place<PromptReader>;
    reader.restore();
    const tokens = await reader.read(most);
    if (reader.remaining > 0 || job.isCancelled) return tokens;
    this.#reading.delete(job);
    this.#decoding.add(job);
    const { run } = job;
    const events = run.remaining > 0 ? run.next(reader.logits) : [run.end("length")];
    this.#take(job, [{ ...reader.event(), queuedSeconds: (since - job.entered) / 1000 }, ...events]);
    return tokens;
  }

  async #readText(job: EmbeddingJob, most: number): Promise<number> {
    const { reader } = job.place as Place<EmbeddingReader>;
    const tokens = await reader.read(most);
    if (reader.remaining > 0 || job.isCancelled) return tokens;
    this.#outbox.addEmbedding(job.id, reader.mean);
    this.#remove(job);
    return tokens;
  }

  /** One token for each running text. */
  async #step(): Promise<void> {
    const jobs = [...this.#decoding].filter(({ isCancelled }) => !isCancelled);
    if (jobs.length === 0) {
      this.#outbox.flush();
      return;
    }
    try {
      const entries = jobs.map(({ place, run }) => ({
        slot: (place as Place<PromptReader>).slot,
        token: run.last as number,
      }));
      const stepping = this.#runtime.step(entries);
      // What is known already is told while the model runs.
      this.#outbox.flush();
      const logits = await stepping;
      for (const [at, job] of jobs.entries()) this.#choose(job, logits[at]);
    } catch (error) {
      for (const job of jobs) this.#fail(job, error);
    }
  }

  #choose(job: GenerationJob, logits: Float32Array): void {
    if (job.isCancelled) return;
    try {
      this.#queue.charge(job);
      this.#take(job, job.run.next(logits));
    } catch (error) {
      this.#fail(job, error);
    }
  }

  #take(job: GenerationJob, events: readonly GenerationEvent[]): void {
    this.#outbox.addEvents(job.id, events);
    if (job.run.isEnded) this.#remove(job);
  }

  /** Ends a task with an error, unless it has ended meanwhile. */
  #fail(job: Job, error: unknown): void {
    if (!this.#jobs.has(job.id)) return;
    if (!job.isCancelled) this.#outbox.addFailure(job.id, error);
    this.#remove(job);
  }

  /** Lets go of a task and all that it holds. */
  #remove(job: Job): void {
    if (!this.#jobs.delete(job.id)) return;
    this.#reading.delete(job);
    if (job.kind === "embedding") {
      this.#texts.leave(job, this.#now());
      return;
    }
    this.#decoding.delete(job);
    if (job.place !== undefined) this.#runtime.truncate(job.place.slot, 0);
    this.#queue.leave(job, this.#now());
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function closedError(): EngineError {
  return new EngineError("closed", "the server is shutting down", { retryAfter: 1 });
}

/** Lets the event loop do what has come meanwhile: messages, timers. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
