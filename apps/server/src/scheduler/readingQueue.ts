/**
 * The prompts that are being read: those of a client one after the other, those of several clients by turns, piece by piece.
 */

import { FairTurns } from "./fairTurns.ts";
import type { Job } from "./job.ts";

/** What a piece of a prompt costs at least, in tokens: the model's weights are read for one token as for many. */
const LEAST_PIECE_COST = 16;

/** Jobs with something to read. */
export class ReadingQueue {
  /** In the order in which they came. */
  readonly #jobs = new Set<Job>();
  readonly #turns = new FairTurns();

  get size(): number {
    return this.#jobs.size;
  }

  add(job: Job): void {
    this.#jobs.add(job);
    this.#turns.enter(job.task.client);
  }

  delete(job: Job): void {
    if (this.#jobs.delete(job)) this.#turns.leave(job.task.client);
  }

  /** The oldest of the client whose turn it is. */
  next(): Job | undefined {
    const oldest = new Map<string, Job>();
    for (const job of this.#jobs) if (!oldest.has(job.task.client)) oldest.set(job.task.client, job);
    const client = this.#turns.next(oldest.keys());
    return client === undefined ? undefined : oldest.get(client);
  }

  /** Counts a piece that was read. @returns what it cost, in tokens. */
  charge({ task: { client } }: Job, tokens: number): number {
    const cost = Math.max(tokens, LEAST_PIECE_COST);
    this.#turns.charge(client, cost);
    return cost;
  }
}
