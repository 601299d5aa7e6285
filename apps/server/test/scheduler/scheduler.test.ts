/**
 * The scheduler over a runtime that counts: who is served when, what is told of it, and that nothing is left behind.
 */

import type { GenerationEvent, GenerationTask } from "@llm-learning/server";
import { describe, expect, it } from "vitest";
import { Scheduler } from "../../src/scheduler/scheduler.ts";
import type { SchedulerOptions } from "../../src/scheduler/schedulerOptions.ts";
import type { TaskFailure } from "../../src/scheduler/taskReport.ts";
import { type Call, CountingRuntime, type CountingRuntimeOptions } from "./countingRuntime.ts";

/** A scheduler, and what it tells of each task. */
class Bench {
  readonly runtime: CountingRuntime;
  readonly scheduler: Scheduler;
  readonly events = new Map<number, GenerationEvent[]>();
  readonly failures = new Map<number, TaskFailure>();
  readonly embeddings = new Map<number, Float32Array>();
  /** Tasks in the order in which they got their first event, and their last. */
  readonly begun: number[] = [];
  readonly ended: number[] = [];
  #nextId = 0;
  #waiting: (() => void)[] = [];

  constructor(runtime: CountingRuntimeOptions = {}, options: SchedulerOptions = {}) {
    this.runtime = new CountingRuntime(runtime);
    const decoder = () => ({ push: (id: number) => `${id} `, end: () => "" });
    this.scheduler = new Scheduler(
      {
        runtime: this.runtime,
        decoder,
        onReports: (reports) => {
          for (const { id, events = [], failure, embedding } of reports) {
            if (events.length > 0 && !this.events.has(id)) this.begun.push(id);
            this.events.set(id, [...(this.events.get(id) ?? []), ...events]);
            if (failure !== undefined) this.failures.set(id, failure);
            if (embedding !== undefined) this.embeddings.set(id, embedding);
            if (failure ?? embedding ?? events.some(({ type }) => type === "end")) this.ended.push(id);
          }
          for (const wake of this.#waiting.splice(0)) wake();
        },
      },
      { now: () => this.runtime.time, ...options },
    );
  }

  /** @returns the number of the task. */
  add(task: Partial<GenerationTask> & { prompt: readonly number[] }): number {
    const id = this.#nextId++;
    this.scheduler.generate(id, { requestId: "", client: "one", maxTokens: 3, choice: {}, seed: 0, ...task });
    return id;
  }

  /** Waits until all these tasks have ended. */
  async done(...ids: readonly number[]): Promise<void> {
    await this.until(() => ids.every((id) => this.ended.includes(id)));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  tokensOf(id: number): number[] {
    return (this.events.get(id) ?? []).flatMap((event) => (event.type === "token" ? [event.token] : []));
  }
}

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

const isStep = (call: Call): call is Extract<Call, { kind: "step" }> => call.kind === "step";

describe("a scheduler", () => {
  it("continues prompts, as many at a time as there are slots, in one batch each step", async () => {
    const bench = new Bench({ slots: 2 });
    const ids = [bench.add({ prompt: [10, 11] }), bench.add({ prompt: [20] }), bench.add({ prompt: [30] })];
    await bench.done(...ids);
    expect(ids.map((id) => bench.tokensOf(id))).toEqual([range(12, 15), range(21, 24), range(31, 34)]);
    expect(bench.events.get(0)).toEqual([
      { type: "prompt", cachedTokens: 0, tokens: undefined },
      { type: "token", token: 12, text: "12 " },
      { type: "token", token: 13, text: "13 " },
      { type: "token", token: 14, text: "14 " },
      { type: "end", reason: "length", stopped: undefined, text: "", completionTokens: 3 },
    ]);
    expect(bench.runtime.calls.filter(isStep).map(({ entries }) => entries.map(({ token }) => token))).toEqual([
      [12, 21],
      [13, 22],
      [31],
      [32],
    ]);
    expect(bench.runtime.contents).toEqual([[], []]);
    expect(bench.scheduler.stats()).toMatchObject({ running: 0, waiting: 0, slots: 2, cacheUsage: 0 });
  });
});
