/**
 * What counting alone achieves: the validation loss of the best n-gram model of the same training part, on the very
 * targets that the model's validation loss is the mean of, each with no more context than the model has for it. A neural
 * model that is not better has learned nothing that a table does not know.
 *
 * The smoothing is modified Kneser-Ney. How long the grams are is decided on the last tenth of the training part, with the
 * rest counted; then all of it is counted. The validation part decides nothing.
 */

import type { Batch, TokenArray, TokenSequence } from "@llm-learning/datasets";
import { LikelihoodAccumulator, modifiedKneserNey, NGramCounter, type NGramModel } from "@llm-learning/evaluation";
import { formatCount } from "../terminal/format.ts";

export interface NGramBaselineOptions {
  /** The training part. */
  readonly train: TokenSequence;
  readonly vocabSize: number;
  /** The token behind every document; undefined in one text. */
  readonly boundary: number | undefined;
  /** Windows whose targets are predicted: `[B, T]` inputs, and as many targets or one per row; targets of -1 are passed over. */
  readonly batches: Iterable<Batch>;
  /** Length of the rows of inputs, T. */
  readonly blockSize: number;
  /** Tokens that the model looks back on at most. @defaultValue all of a row */
  readonly context?: number | undefined;
}

/** The result, as it is printed and kept; or why there is none. */
export type BaselineOutcome = NGramBaseline | { readonly skipped: string };

/** What the best n-gram achieves. */
export interface NGramBaseline {
  /** Such as "modified Kneser-Ney 5-gram". */
  readonly name: string;
  /** Length of its longest grams. */
  readonly order: number;
  /** Nats per token. */
  readonly valLoss: number;
}

/** More tokens than these are not counted: at worst they would take seconds and a gigabyte. */
export const MOST_BASELINE_TOKENS = 5_000_000;

/** The longest grams that are tried: among characters and bytes longer ones pay than among pieces of words. */
const LONGEST = { characters: 6, pieces: 4 };

/** Vocabularies up to this size are taken for characters or bytes. */
const MOST_CHARACTERS = 512;

/** Counts, chooses, counts the rest, and predicts; where there are too many tokens or too few, says so instead. */
export function ngramBaseline(options: NGramBaselineOptions): BaselineOutcome {
  const { vocabSize, boundary, batches, blockSize, context = blockSize } = options;
  const longest = vocabSize <= MOST_CHARACTERS ? LONGEST.characters : LONGEST.pieces;
  const order = Math.min(longest, context + 1);
  const { length } = options.train;
  if (length > MOST_BASELINE_TOKENS) {
    return { skipped: `${formatCount(length)} tokens to count, more than ${formatCount(MOST_BASELINE_TOKENS)}` };
  }
  const train = options.train.subarray();
  const cut = placeToCut(train, boundary);
  if (cut < order || cut === train.length) return { skipped: `only ${train.length} tokens to count` };
  const counter = new NGramCounter({ order, vocabSize, boundary }).add(train.subarray(0, cut));
  const best = bestOrder(counter, train.subarray(cut));
  const model = modifiedKneserNey(counter.add(train.subarray(cut)).counts().withOrder(best));
  return { name: model.name, order: best, valLoss: lossOfBatches(model, batches, blockSize) };
}

/**
 * The result in words, beside the model's own loss.
 *
 * @param valLoss - Of the model, on the same targets; undefined where it has none.
 */
export function describeBaseline(baseline: BaselineOutcome, valLoss: number | undefined): string {
  if ("skipped" in baseline) return `no n-gram baseline: ${baseline.skipped}`;
  const gap = valLoss === undefined ? undefined : baseline.valLoss - valLoss;
  const compared =
    gap === undefined
      ? ""
      : gap > 0
        ? `; the model is ${gap.toFixed(4)} better`
        : `; the model is ${(-gap).toFixed(4)} worse`;
  return `counting alone (a ${baseline.name}) has val loss ${baseline.valLoss.toFixed(4)} on the same tokens${compared}`;
}

/** Where the last tenth begins; behind a boundary where there are documents. */
function placeToCut(train: TokenArray, boundary: number | undefined): number {
  const tenth = Math.floor(train.length * 0.9);
  return boundary === undefined ? tenth : train.indexOf(boundary, tenth) + 1;
}

/** The length of grams that predicts the held-out tokens best, of what was counted so far. */
function bestOrder(counter: NGramCounter, heldOut: TokenArray): number {
  const counts = counter.counts();
  let best = { order: 1, loss: Infinity };
  for (let order = 1; order <= counts.order; order++) {
    const loss = modifiedKneserNey(counts.withOrder(order)).evaluate(heldOut).averageNll;
    if (loss < best.loss) best = { order, loss };
  }
  return best.order;
}

/** Mean loss of the targets, each given the inputs of its row up to its place. */
function lossOfBatches(model: NGramModel, batches: Iterable<Batch>, T: number): number {
  const likelihood = new LikelihoodAccumulator();
  for (const { inputs, targets } of batches) {
    const rows = inputs.length / T;
    const isLast = targets.length === rows; // one target per row, of its last input
    for (let row = 0; row < rows; row++) {
      const context = inputs.subarray(row * T, (row + 1) * T);
      if (isLast) {
        if (targets[row] >= 0) likelihood.add(Math.log(model.probability(context, targets[row])));
        continue;
      }
      // Each target is the next input; those that are asked for come first.
      const asked = targets.subarray(row * T, (row + 1) * T).findLastIndex((target) => target >= 0) + 1;
      if (asked === 0) continue;
      const losses = model.losses([context[0], ...targets.subarray(row * T, row * T + asked)]);
      for (const loss of losses.subarray(1)) likelihood.add(-loss);
    }
  }
  return likelihood.result("ngramBaseline").averageNll;
}
