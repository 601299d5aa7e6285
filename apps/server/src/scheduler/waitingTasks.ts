/**
 * Tasks that wait for a slot: those of a client in the order in which they came, and no order among clients, which have turns.
 */

import type { TaskOrigin } from "../engine/engine.ts";

/** What can wait. */
export interface Waiting {
  readonly task: TaskOrigin;
}

/** Queues by client. */
export class WaitingTasks<T extends Waiting> {
  readonly #queues = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The clients of which something waits. */
  get clients(): Iterable<string> {
    return this.#queues.keys();
  }

  add(waiting: T): void {
    const { client } = waiting.task;
    const queue = this.#queues.get(client);
    if (queue === undefined) this.#queues.set(client, new Set([waiting]));
    else queue.add(waiting);
    this.#size++;
  }

  delete(waiting: T): void {
    const queue = this.#queues.get(waiting.task.client);
    if (queue === undefined || !queue.delete(waiting)) return;
    this.#size--;
    if (queue.size === 0) this.#queues.delete(waiting.task.client);
  }

  /** The client's oldest, which then waits no longer. */
  take(client: string): T | undefined {
    const first = this.#queues.get(client)?.values().next().value;
    if (first !== undefined) this.delete(first);
    return first;
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (const queue of this.#queues.values()) yield* queue;
  }
}
