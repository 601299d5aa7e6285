/**
 * The second half of training: from counted pieces to a tokenizer.
 */

import { BpeTokenizer } from "../bpeTokenizer.ts";
import { Encoding } from "../tiktoken/encoding.ts";
import type { BpeTrainingPlan } from "./bpeTrainingOptions.ts";
import { MergeLearner } from "./mergeLearner.ts";
import type { Pace } from "./pace.ts";
import type { PieceCounts } from "./pieceCounts.ts";
import { layOut } from "./pieceLayout.ts";

/**
 * The tokenizer whose merges the pieces give.
 *
 * @param pieces - They are gone afterwards, to make room for what is learnt of them.
 * @throws What the pace throws when the training is aborted.
 */
export async function learnBpe(pieces: PieceCounts, plan: BpeTrainingPlan, pace: Pace): Promise<BpeTokenizer> {
  const { pattern, specialTokens, rules, onProgress } = plan;
  const { size } = pieces;
  const learner = new MergeLearner(layOut(pieces.take(), 256 + rules.merges), rules);
  const { tokens } = learner;
  const first = tokens.length;
  const report = () => onProgress?.({ phase: "merge", done: tokens.length - first, total: rules.merges, pieces: size });
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
