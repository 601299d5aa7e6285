/**
 * Which example comes next: at random, or each once before any comes again. Examples may be of several groups, texts that are mixed by
 * weights; numbers go through one group after the other, as `JoinedExamples` has them.
 */

import type { RandomIntegers } from "./batchSampler.ts";
import { expectPositive } from "./exampleSet.ts";
import { keyedPermutation } from "./keyedPermutation.ts";

/** Examples of one text among several. */
export interface ExampleGroup {
  /** Number of examples. */
  readonly size: number;
  /** How often they are drawn, beside the weights of the others; above 0. A weight alone says nothing. */
  readonly weight: number;
}

/** An endless order of examples. */
export interface ExampleOrder {
  /** The number of the next example. */
  next(): number;
}

/** What {@link RandomOrder} asks of a generator; `Rng` of `@llm-learning/init` has it. */
export interface RandomNumbers extends RandomIntegers {
  /** A number from 0 to below 1. */
  uniform(): number;
}

/**
 * Draws examples with replacement: a group by the weights, then one of its examples, each as likely. Of one group these are the draws of
 * `ExampleSampler`. The only state is the generator's.
 *
 * @example
 * ```ts
 * const order = new RandomOrder([{ size: 1000, weight: 0.7 }, { size: 10, weight: 0.3 }], new Rng(1));
 * order.next(); // from 1000 on in three of ten draws
 * ```
 */
export class RandomOrder implements ExampleOrder {
  readonly #groups: readonly ExampleGroup[];
  readonly #total: number;
  readonly #rng: RandomNumbers;

  /** @throws RangeError where there are no groups, or a size or weight is not above 0 */
  constructor(groups: readonly ExampleGroup[], rng: RandomNumbers) {
    this.#total = totalWeight("RandomOrder", groups);
    this.#groups = groups;
    this.#rng = rng;
  }

  next(): number {
    const groups = this.#groups;
    const last = groups.length - 1;
    let index = 0;
    let begin = 0;
    if (last > 0) {
      let left = this.#rng.uniform() * this.#total;
      for (; index < last && left >= groups[index]!.weight; index++) {
        left -= groups[index]!.weight;
        begin += groups[index]!.size;
      }
    }
    return begin + this.#rng.integer(groups[index]!.size);
  }
}

/**
 * Goes through the examples of each group in a shuffled order, each once before any comes again, and then in another order. Groups take
 * turns: the next is the one that is furthest behind its weight, so that none is ever a whole draw ahead of its share.
 * The only state is how many have been drawn of each group.
 *
 * @example
 * ```ts
 * const keysOf = (group, epoch) => new Rng(7).fork(group).fork(epoch).fillUint32(new Uint32Array(PERMUTATION_KEYS));
 * const order = new ShuffledOrder([{ size: 3, weight: 1 }], { keysOf });
 * [order.next(), order.next(), order.next()].sort(); // => [0, 1, 2]
 * ```
 */
export class ShuffledOrder implements ExampleOrder {
  readonly #groups: readonly ExampleGroup[];
  readonly #total: number;
  readonly #keysOf: (group: number, epoch: number) => Uint32Array;
  readonly #drawn: number[];
  /** The order that each group is in. */
  readonly #epochs: { readonly epoch: number; readonly at: (place: number) => number }[] = [];

  /**
   * @param options - the keys that decide the order of a group's epoch (see `keyedPermutation`), and how many examples have been drawn
   * of each group: where an order that was left goes on
   * @throws RangeError where there are no groups, a size or weight is not above 0, or there are other counts than groups
   */
  constructor(
    groups: readonly ExampleGroup[],
    {
      keysOf,
      drawn = groups.map(() => 0),
    }: { readonly keysOf: (group: number, epoch: number) => Uint32Array; readonly drawn?: readonly number[] },
  ) {
    this.#total = totalWeight("ShuffledOrder", groups);
    if (drawn.length !== groups.length || drawn.some((count) => !(Number.isSafeInteger(count) && count >= 0))) {
      throw new RangeError(
        `ShuffledOrder: expected a number of draws for each of ${groups.length} groups, got ${drawn.join(", ")}`,
      );
    }
    this.#groups = groups;
    this.#keysOf = keysOf;
    this.#drawn = [...drawn];
  }

  /** How many examples have been drawn of each group. */
  get drawn(): readonly number[] {
    return [...this.#drawn];
  }

  next(): number {
    const index = this.#nextGroup();
    const { size } = this.#groups[index]!;
    const drawn = this.#drawn[index]!++;
    const begin = this.#groups.slice(0, index).reduce((sum, group) => sum + group.size, 0);
    return begin + this.#orderOf(index, Math.floor(drawn / size))(drawn % size);
  }

  /** The group with the greatest `weight / total * (n + 1) - drawn`; of equal ones the first. */
  #nextGroup(): number {
    const n = this.#drawn.reduce((sum, count) => sum + count, 0);
    let next = 0;
    let most = -Infinity;
    for (const [index, { weight }] of this.#groups.entries()) {
      const behind = (weight / this.#total) * (n + 1) - this.#drawn[index]!;
      if (behind <= most) continue;
      most = behind;
      next = index;
    }
    return next;
  }

  #orderOf(group: number, epoch: number): (place: number) => number {
    const known = this.#epochs[group];
    if (known?.epoch === epoch) return known.at;
    const at = keyedPermutation(this.#groups[group]!.size, this.#keysOf(group, epoch));
    this.#epochs[group] = { epoch, at };
    return at;
  }
}

function totalWeight(caller: string, groups: readonly ExampleGroup[]): number {
  if (groups.length === 0) throw new RangeError(`${caller}: expected at least one group of examples, got none`);
  let total = 0;
  for (const { size, weight } of groups) {
    expectPositive(caller, "size", size);
    if (!(weight > 0 && weight < Infinity)) {
      throw new RangeError(`${caller}: expected weights above 0, got ${String(weight)}`);
    }
    total += weight;
  }
  return total;
}
