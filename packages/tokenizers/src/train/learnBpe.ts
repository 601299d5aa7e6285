/**
 * The second half of training: from counted pieces to a tokenizer.
 */

import { BpeTokenizer } from "../bpeTokenizer.ts";
import { Encoding } from "../tiktoken/encoding.ts";
import type { BpeTrainingPlan } from "./bpeTrainingOptions.ts";
import { MergeLearner } from "./mergeLearner.ts";
import type { Pace } from "./pace.ts";
import type { CountedPieces } from "./pieceCounts.ts";

/** The tokenizer whose merges the pieces give. @throws What the pace throws when the training is aborted. */
export async function learnBpe(pieces: CountedPieces, plan: BpeTrainingPlan, pace: Pace): Promise<BpeTokenizer> {
  const { pattern, specialTokens, rules, onProgress } = plan;
  const learner = new MergeLearner(pieces, rules);
  const { tokens } = learner;
  const first = tokens.length;
  const report = () =>
    onProgress?.({ phase: "merge", done: tokens.length - first, total: rules.merges, pieces: pieces.size });
  while (learner.next()) {
    if (!pace.isDue) continue;
    report();
    await pace.turn();
  }
  report();
  pace.check();
  const ids = Object.fromEntries(specialTokens.map((token, index) => [token, tokens.length + index]));
  return new BpeTokenizer(new Encoding({ name: "trained", pattern, ranks: tokens, specialTokens: ids }));
}
