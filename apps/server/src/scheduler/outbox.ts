/**
 * What is to be told of tasks, gathered until the end of a tick.
 */

import type { GenerationEvent } from "../engine/engine.ts";
import { taskFailure, type TaskReport } from "./taskReport.ts";

/** News that wait to be sent. */
export class Outbox {
  readonly #send: (reports: readonly TaskReport[]) => void;
  readonly #events = new Map<number, GenerationEvent[]>();
  #reports: TaskReport[] = [];

  constructor(send: (reports: readonly TaskReport[]) => void) {
    this.#send = send;
  }

  get isEmpty(): boolean {
    return this.#events.size === 0 && this.#reports.length === 0;
  }

  addEvents(id: number, events: readonly GenerationEvent[]): void {
    const known = this.#events.get(id);
    if (known === undefined) this.#events.set(id, [...events]);
    else known.push(...events);
  }

  addEmbedding(id: number, embedding: Float32Array): void {
    this.#reports.push({ id, embedding });
  }

  /** What went before is told as well. */
  addFailure(id: number, error: unknown): void {
    this.#reports.push({ id, events: this.#events.get(id), failure: taskFailure(error) });
    this.#events.delete(id);
  }

  /** Nobody wants to hear of a task any more. */
  drop(id: number): void {
    this.#events.delete(id);
  }

  flush(): void {
    for (const [id, events] of this.#events) this.#reports.push({ id, events });
    this.#events.clear();
    if (this.#reports.length === 0) return;
    const reports = this.#reports;
    this.#reports = [];
    this.#send(reports);
  }
}
