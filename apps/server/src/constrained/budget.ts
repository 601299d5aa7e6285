/**
 * How much work a schema may make: a schema comes from a stranger, and some short ones mean automata of exponential size.
 */

/** Limits of a grammar. */
export interface GrammarLimits {
  /**
   * States of all automata and places of the grammar together.
   *
   * @defaultValue 65536
   */
  readonly maxStates?: number;
  /**
   * How deep values that are defined by themselves (a `$ref` to an enclosing schema, or any JSON at all) may nest.
   *
   * @defaultValue 64
   */
  readonly maxDepth?: number;
}

/** Steps of work for each state: sets of states are followed when automata are made. */
const WORK_PER_STATE = 16;

/** What is left of the limits while a grammar is made. */
export class Budget {
  readonly maxStates: number;
  #states: number;
  #work: number;

  constructor(maxStates: number) {
    this.maxStates = maxStates;
    this.#states = maxStates;
    this.#work = maxStates * WORK_PER_STATE;
  }

  /** Takes states. @throws RangeError if there are no more. */
  takeStates(count: number): void {
    this.#states -= count;
    if (this.#states < 0) throw this.#error();
  }

  /** Takes steps of work. @throws RangeError if there are no more. */
  takeWork(count: number): void {
    this.#work -= count;
    if (this.#work < 0) throw this.#error();
  }

  #error(): RangeError {
    return new RangeError(
      `compileJsonSchema: expected a schema of at most ${this.maxStates} states (and some steps of work for each), got a larger one; shorten its patterns, enums, ` +
        "counts of items or alternatives",
    );
  }
}
