/**
 * The examples of several texts that are mixed: which of them are whose, and how often those are drawn.
 */

import { type ExampleGroup, type ExampleSet, JoinedExamples } from "@llm-learning/datasets";

/** The examples of all texts, one text after the other. */
export class MixedExamples extends JoinedExamples {
  readonly groups: readonly ExampleGroup[];

  /** @param weights - Of each set. */
  constructor(sets: readonly ExampleSet[], weights: readonly number[]) {
    super(sets);
    this.groups = sets.map(({ size }, index) => ({ size, weight: weights[index] }));
  }
}

/** The groups of a set of examples: of a single text one. */
export function groupsOf(examples: ExampleSet): readonly ExampleGroup[] {
  return examples instanceof MixedExamples ? examples.groups : [{ size: examples.size, weight: 1 }];
}

/**
 * Numbers of `count` examples, each group's share of them spread evenly over it, its first and its last among them.
 *
 * Shares are by weight, rounded so that they add up to `count`, and at least one example each.
 */
export function evenlySpacedNumbers(groups: readonly ExampleGroup[], count: number): number[] {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  const numbers: number[] = [];
  let begin = 0;
  let weights = 0;
  for (const { size, weight } of groups) {
    const before = Math.round((count * weights) / total);
    weights += weight;
    const share = Math.max(1, Math.round((count * weights) / total) - before);
    for (let i = 0; i < share; i++) {
      numbers.push(begin + (share === 1 ? 0 : Math.floor((i * (size - 1)) / (share - 1))));
    }
    begin += size;
  }
  return numbers;
}

/** Chosen examples of a set, as a set. */
export function chosenExamples(examples: ExampleSet, numbers: readonly number[]): ExampleSet {
  return {
    size: numbers.length,
    inputLength: examples.inputLength,
    targetLength: examples.targetLength,
    write: (index, inputs, targets, row) => examples.write(numbers[index], inputs, targets, row),
  };
}
