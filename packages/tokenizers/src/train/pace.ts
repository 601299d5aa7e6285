/**
 * Lets a long computation breathe: now and then it gives the event loop a turn, so that progress can be drawn and an abort can arrive.
 */

import { describe } from "../describe.ts";

declare const setTimeout: (callback: () => void, milliseconds: number) => unknown;

/** What is used of the platform's `AbortSignal`. */
export interface TrainingSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Milliseconds of work between two turns of the event loop. */
const STRETCH = 50;

/** The rhythm of one computation. */
export class Pace {
  readonly #signal: TrainingSignal | undefined;
  #next = Date.now() + STRETCH;

  /** @throws TypeError if `signal` is none; its reason if it is aborted already. */
  constructor(caller: string, signal: TrainingSignal | undefined) {
    if (signal !== undefined && typeof signal?.addEventListener !== "function") {
      throw new TypeError(`${caller}: expected signal to be an AbortSignal, got ${describe(signal)}`);
    }
    this.#signal = signal;
    this.check();
  }

  /** Whether it is time for a {@link Pace.turn}. */
  get isDue(): boolean {
    return Date.now() >= this.#next;
  }

  /** Gives the event loop a turn. @throws The signal's reason once it is aborted. */
  async turn(): Promise<void> {
    this.check();
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.check();
    this.#next = Date.now() + STRETCH;
  }

  /** @throws The signal's reason once it is aborted. */
  check(): void {
    if (this.#signal?.aborted === true) throw this.#signal.reason;
  }

  /** Waits for a promise, but no longer than to the abort. @throws The signal's reason, or what the promise throws. */
  async wait<T>(promise: PromiseLike<T>): Promise<T> {
    const signal = this.#signal;
    if (signal === undefined) return promise;
    let stop = (): void => {};
    try {
      return await new Promise<T>((resolve, reject) => {
        stop = () => reject(signal.reason);
        signal.addEventListener("abort", stop);
        if (signal.aborted) stop();
        promise.then(resolve, reject);
      });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}
