/**
 * How fast training goes: tokens per second of the time spent in steps, evaluations and checkpoints aside.
 */

export class Throughput {
  #seconds = 0;
  #tokens = 0;
  #lapSeconds = 0;
  #lapTokens = 0;

  /** Counts a step. */
  add(tokens: number, seconds: number): void {
    this.#tokens += tokens;
    this.#seconds += seconds;
    this.#lapTokens += tokens;
    this.#lapSeconds += seconds;
  }

  /** Tokens per second since the last call, or of all steps where there was none since; 0 before the first. */
  lap(): number {
    const rate = this.#lapSeconds > 0 ? this.#lapTokens / this.#lapSeconds : this.mean;
    this.#lapSeconds = 0;
    this.#lapTokens = 0;
    return rate;
  }

  /** Tokens per second of all steps; 0 before the first. */
  get mean(): number {
    return this.#seconds > 0 ? this.#tokens / this.#seconds : 0;
  }
}
