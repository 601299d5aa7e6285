/**
 * Engines over threads that do as a test says: what readers see when a thread fails, and that it is started again.
 */

import type { GenerationEvent, GenerationTask } from "@llm-learning/server";
import { describe, expect, it, vi } from "vitest";
import type { EngineModel, EngineRequest } from "../../src/scheduler/engineMessages.ts";
import type { TaskReply } from "../../src/scheduler/engineThread.ts";
import { ThreadEngine } from "../../src/scheduler/threadEngine.ts";

const model: EngineModel = {
  blockSize: 64,
  vocabSize: 256,
  embeddingSize: 2,
  slots: 4,
  mode: "batched",
  reason: undefined,
  bytesPerSlot: 1,
};

const stats = { running: 1, waiting: 0, slots: 4, cacheUsage: 0.5, prefixQueries: 10, prefixHits: 5 };

const task: GenerationTask = { requestId: "", client: "", prompt: [1], maxTokens: 5, choice: {}, seed: 0 };

const tokens: GenerationEvent[] = [
  { type: "prompt", cachedTokens: 0 },
  { type: "token", token: 65, text: "A" },
];
const end: GenerationEvent = { type: "end", reason: "stop", text: "", completionTokens: 2 };

/** A thread without anything behind it. */
class ScriptedThread {
  readonly model = model;
  readonly requests: EngineRequest[] = [];
  readonly ended: Promise<Error | undefined>;
  end: (error?: Error) => void = () => undefined;
  reply: (reply: TaskReply) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  send(request: EngineRequest): void {
    this.requests.push(request);
    if (request.type === "close") this.end();
  }

  terminate(): void {
    this.end();
  }
}

async function opened(options: { restartDelay?: number | false } = {}) {
  const threads: ScriptedThread[] = [];
  const failures: string[] = [];
  const failing = { starts: 0 };
  const engine = await ThreadEngine.open(
    async (onReply) => {
      if (failing.starts-- > 0) throw new Error("no memory");
      const thread = new ScriptedThread();
      thread.reply = onReply;
      threads.push(thread);
      return thread;
    },
    { onFailure: ({ message }) => failures.push(message), restartDelay: 1, ...options },
  );
  return { engine, threads, failures, failing };
}

async function read(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const found: GenerationEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe("an engine in another thread", () => {
  it("gives each reader the news of its own task", async () => {
    const { engine, threads } = await opened();
    const readers = [read(engine.generate(task)), read(engine.generate(task))];
    expect(threads[0].requests.map((request) => "id" in request && request.id)).toEqual([0, 1]);
    threads[0].reply({ type: "reports", stats, reports: [{ id: 1, events: tokens }] });
    threads[0].reply({ type: "reports", stats, reports: [{ id: 0, events: [...tokens, end] }] });
    threads[0].reply({ type: "reports", stats, reports: [{ id: 1, events: [end] }] });
    expect(await Promise.all(readers)).toEqual([
      [...tokens, end],
      [...tokens, end],
    ]);
    expect(engine.stats()).toEqual(stats);
    expect(threads[0].requests.length).toBe(2);
  });

  it("cancels the task of a reader that leaves, by return or by its signal", async () => {
    const { engine, threads } = await opened();
    const first = engine.generate(task);
    const controller = new AbortController();
    const second = read(engine.generate(task, controller.signal));
    const reading = first.next();
    threads[0].reply({
      type: "reports",
      stats,
      reports: [
        { id: 1, events: tokens },
        { id: 0, events: tokens },
      ],
    });
    await reading;
    await first.return();
    controller.abort(new Error("the client left"));
    await expect(second).rejects.toThrow("the client left");
    expect(threads[0].requests.slice(2)).toEqual([
      { type: "cancel", id: 1 },
      { type: "cancel", id: 0 },
    ]);
    await expect(read(engine.generate(task, AbortSignal.abort(new Error("too late"))))).rejects.toThrow("too late");
    expect(threads[0].requests.length).toBe(4);
  });

  it("fails a task with the thread's words, after what came before", async () => {
    const { engine, threads } = await opened();
    const events = engine.generate(task);
    const first = events.next();
    threads[0].reply({
      type: "reports",
      stats,
      reports: [{ id: 0, events: tokens, failure: { code: "queue_full", message: "full", retryAfter: 7 } }],
    });
    expect((await first).value).toEqual(tokens[0]);
    expect((await events.next()).value).toEqual(tokens[1]);
    await expect(events.next()).rejects.toMatchObject({ name: "EngineError", code: "queue_full", retryAfter: 7 });
    expect(threads[0].requests.length).toBe(1);
  });

  it("fails all tasks of a thread that ends, and starts it again, trying as often as it takes", async () => {
    const { engine, threads, failures, failing } = await opened();
    threads[0].reply({ type: "stats", stats });
    const tasks = [read(engine.generate(task)), engine.embed({ requestId: "", client: "", prompt: [1] })];
    failing.starts = 2;
    threads[0].end(new Error("out of memory"));
    for (const { reason } of (await Promise.allSettled(tasks)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ code: "failed", message: "the thread that runs the model has ended" });
    }
    const down = { code: "closed", message: "the model has failed and is being loaded again", retryAfter: 5 };
    await expect(read(engine.generate(task))).rejects.toMatchObject(down);
    await vi.waitFor(() => expect(threads.length).toBe(2));
    expect(failures).toEqual([
      "the thread that runs the model has failed: out of memory",
      "the thread that runs the model cannot be started again: no memory",
      "the thread that runs the model cannot be started again: no memory",
    ]);
    await vi.waitFor(() => {
      const reader = read(engine.generate(task));
      reader.catch(() => undefined);
      expect(threads[1].requests.length).toBe(1);
    });
    // What is counted from the start stays counted.
    threads[1].reply({ type: "stats", stats });
    expect(engine.stats()).toEqual({ ...stats, prefixQueries: 20, prefixHits: 10 });
    await engine.close();
  });

  it("stays down where it is not to be started again", async () => {
    const { engine, threads, failures } = await opened({ restartDelay: false });
    threads[0].end();
    await vi.waitFor(() => expect(failures.length).toBe(1));
    await expect(read(engine.generate(task))).rejects.toMatchObject({ code: "failed" });
    await engine.close();
    expect(threads.length).toBe(1);
  });

  it("is closed once", async () => {
    const { engine, threads } = await opened();
    const running = read(engine.generate(task));
    await Promise.all([engine.close(), engine.close()]);
    await expect(running).rejects.toMatchObject({ code: "closed" });
    await expect(read(engine.generate(task))).rejects.toMatchObject({ code: "closed" });
    expect(threads[0].requests.filter(({ type }) => type === "close").length).toBe(1);
  });
});
