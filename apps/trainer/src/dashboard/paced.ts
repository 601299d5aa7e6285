/**
 * A value that takes time to work out, worked out anew so seldom that it takes a twentieth of the time at most.
 */

/** How many times as long a value stands as it took. */
const SHARE = 20;

export class Paced<T> {
  readonly #compute: () => T;
  readonly #now: () => number;
  #value: T | undefined;
  #due = -Infinity;

  /** @param now - The time in milliseconds. @defaultValue `performance.now` */
  constructor(compute: () => T, now: () => number = () => performance.now()) {
    this.#compute = compute;
    this.#now = now;
  }

  /** The value, as old as up to twenty times what it takes. */
  get value(): T {
    const begin = this.#now();
    if (begin < this.#due) return this.#value as T;
    this.#value = this.#compute();
    const end = this.#now();
    this.#due = end + SHARE * (end - begin);
    return this.#value;
  }

  /** Works the value out at its next use, whatever it takes. */
  expire(): void {
    this.#due = -Infinity;
  }
}
