/**
 * How much work a text that is held to a grammar may make: a schema comes from a stranger, and others wait for their next tokens meanwhile.
 *
 * A store that each token fills again by a share: a hard place is worked through at once, but a text may not consist of them. What it
 * has left depends on the schema, the vocabulary and the tokens so far alone; what is remembered costs what it cost to find.
 */

/** Steps of automata that a text may make at once, each some tens of nanoseconds: some tenths of a second. */
const MOST_WORK = 1 << 23;
/** What a token adds: a thirtieth of a second, or what it takes to look at a large vocabulary from several places. */
const SHARE = 1 << 20;
const LOOKS_PER_TOKEN = 4;

export class Effort {
  readonly #share: number;
  #left = MOST_WORK;

  /** @param vocabularySteps - Steps to look at the whole vocabulary once. */
  constructor(vocabularySteps: number) {
    this.#share = Math.max(SHARE, LOOKS_PER_TOKEN * vocabularySteps);
  }

  /** Counts steps. @throws RangeError where a text has taken more than it may. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw tooMuch(`${MOST_WORK} steps of work at once and ${this.#share} for each token`);
  }

  /** A token came. */
  refill(): void {
    this.#left = Math.min(this.#left + this.#share, MOST_WORK);
  }
}

/** The error of a schema that cannot be followed in bounded time. */
export function tooMuch(limit: string): RangeError {
  return new RangeError(
    `GrammarConstraint: expected a schema that takes at most ${limit}, got more; give alternatives a first property that tells them apart`,
  );
}
