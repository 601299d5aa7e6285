/**
 * Who gets a slot, and when: tasks wait by client, free slots are given by turns, and there is an end to the waiting line.
 */

import { EngineError } from "../engine/engineError.ts";
import { FairTurns } from "./fairTurns.ts";
import type { Job } from "./job.ts";
import { ServiceTime } from "./serviceTime.ts";
import { WaitingTasks } from "./waitingTasks.ts";

/** Slots, and who waits for them. */
export class SlotQueue<T extends Job> {
  readonly #slots: number;
  readonly #maxQueue: number;
  readonly #free: number[];
  readonly #waiting = new WaitingTasks<T>();
  /** By tokens, those of prompts and those generated. */
  readonly #turns = new FairTurns();
  readonly #serviceTime = new ServiceTime();

  constructor(slots: number, { maxQueue }: { readonly maxQueue: number }) {
    this.#slots = slots;
    this.#maxQueue = maxQueue;
    this.#free = Array.from({ length: slots }, (_, slot) => slot).toReversed();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#slots - this.#free.length;
  }

  /** @throws EngineError "queue_full" where all slots are taken and too many wait. */
  enter(job: T): void {
    if (this.#waiting.size - this.#free.length >= this.#maxQueue) {
      const retryAfter = this.#serviceTime.until(this.#waiting.size + 1, this.#slots);
      throw new EngineError("queue_full", `${this.#maxQueue} requests wait already; try again later`, { retryAfter });
    }
    this.#waiting.add(job);
    this.#turns.enter(job.task.client);
  }

  /** Whose turn it is for a free slot; undefined where nobody waits, or no slot is free. */
  next(): { readonly job: T; readonly slot: number } | undefined {
    if (this.#free.length === 0) return undefined;
    const client = this.#turns.next(this.#waiting.clients);
    const job = client === undefined ? undefined : this.#waiting.take(client);
    if (job === undefined) return undefined;
    this.#turns.charge(job.task.client, job.task.prompt.length);
    return { job, slot: this.#free.pop() as number };
  }

  /** A task was given a token. */
  charge({ task }: T): void {
    this.#turns.charge(task.client, 1);
  }

  /** A task has ended, while it waited or in its slot, which it had for so many milliseconds. */
  leave(job: T, now: number): void {
    this.#turns.leave(job.task.client);
    if (job.place === undefined) {
      this.#waiting.delete(job);
      return;
    }
    this.#free.push(job.place.slot);
    this.#serviceTime.add(now - job.place.since);
  }
}
