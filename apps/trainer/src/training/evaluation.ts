/**
 * The loss during training: on the same few batches each time, so that two evaluations differ by their weights alone. The
 * loss over the whole split is the `eval` command's.
 */

import { type Batch, evenlySpacedExamples, everyExample, type ExampleSet } from "@llm-learning/datasets";
import type { Program } from "@llm-learning/nn-core";
import { chosenExamples, evenlySpacedNumbers, groupsOf } from "./mixedExamples.ts";

/**
 * Batches of examples that are spread evenly over `examples`, the first its first, the last its last; all of them, once, where they
 * are no more than these.
 *
 * Of texts that are mixed, each has as many of them as its weight says.
 *
 * @param isWhole - Whether that may be: windows of a text overlap, and there is no point in taking them all.
 */
export function evaluationBatches(
  examples: ExampleSet,
  { batchSize, count, isWhole }: { batchSize: number; count: number; isWhole: boolean },
): Iterable<Batch> {
  if (isWhole && count * batchSize >= examples.size) return everyExample(examples, { batchSize });
  const groups = groupsOf(examples);
  if (groups.length > 1) {
    const numbers = evenlySpacedNumbers(groups, count * batchSize);
    return everyExample(chosenExamples(examples, numbers), { batchSize });
  }
  return evenlySpacedExamples(examples, { batchSize, count });
}

/**
 * Mean loss of the targets in batches.
 *
 * @param program - Of inputs `inputs` and `targets`, with an output `loss`: the mean over the targets that are not -1.
 * @param isStopped - Asked between batches.
 * @returns undefined where it was stopped.
 */
export async function meanLoss(
  program: Program,
  batches: Iterable<Batch>,
  isStopped: () => boolean,
): Promise<number | undefined> {
  let sum = 0;
  let weights = 0;
  for (const { inputs, targets } of batches) {
    if (isStopped()) return undefined;
    const { loss } = await program.run({ inputs, targets });
    // Batches of a text are all full, each of weight 1.
    const weight = countTargets(targets) / targets.length;
    sum += Number(loss.data[0]) * weight;
    weights += weight;
  }
  return sum / weights;
}

/** How many targets are asked for. */
export function countTargets(targets: Int32Array): number {
  let count = 0;
  for (const target of targets) if (target >= 0) count++;
  return count;
}
