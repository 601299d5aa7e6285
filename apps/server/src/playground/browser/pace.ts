/**
 * How fast a text comes: when its first token was there, and how many follow in a second.
 */

export class Pace {
  readonly #begin: number;
  #first: number | undefined;
  #last = 0;
  #tokens = 0;

  /** @param now - The time in milliseconds at which the text was asked for. */
  constructor(now: number) {
    this.#begin = now;
  }

  /** A token has arrived. */
  token(now: number): void {
    this.#first ??= now;
    this.#last = now;
    this.#tokens++;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Milliseconds until the first token; undefined before it. */
  get firstToken(): number | undefined {
    return this.#first === undefined ? undefined : this.#first - this.#begin;
  }

  /** Tokens a second behind the first one; undefined before the second. */
  get tokensPerSecond(): number | undefined {
    const elapsed = this.#last - (this.#first ?? 0);
    return this.#tokens < 2 || elapsed <= 0 ? undefined : (1000 * (this.#tokens - 1)) / elapsed;
  }
}
