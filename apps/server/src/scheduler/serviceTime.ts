/**
 * How long tasks hold a slot, as a moving average, and so when one more may find one.
 */

/** Share of the newest in the average. */
const WEIGHT = 0.1;

const MOST_SECONDS = 60;

export class ServiceTime {
  #seconds: number | undefined;

  /** A task gave its slot back. */
  add(milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.#seconds = this.#seconds === undefined ? seconds : (1 - WEIGHT) * this.#seconds + WEIGHT * seconds;
  }

  /** Whole seconds, from 1 to 60, after which the last of so many waiting tasks may have a slot. */
  until(waiting: number, slots: number): number {
    const estimate = Math.ceil((this.#seconds ?? 1) * (waiting / slots));
    return Math.max(1, Math.min(estimate, MOST_SECONDS));
  }
}
