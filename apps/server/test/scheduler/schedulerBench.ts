/**
 * A scheduler over a runtime that counts, and what it tells of each task.
 */

import type { GenerationEvent, GenerationTask } from "@llm-learning/server";
import { Scheduler } from "../../src/scheduler/scheduler.ts";
import type { SchedulerOptions } from "../../src/scheduler/schedulerOptions.ts";
import type { TaskFailure } from "../../src/scheduler/taskReport.ts";
import { CountingRuntime, type CountingRuntimeOptions } from "./countingRuntime.ts";

export class SchedulerBench {
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
