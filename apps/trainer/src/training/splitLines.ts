/**
 * The lines of a configuration's text as documents, shuffled and cut in three.
 */

import { documentsOf, type DocumentSplit, splitDocuments } from "@llm-learning/datasets";
import type { TrainConfig } from "../config/trainConfig.ts";

/** @throws RangeError where there are too few lines. */
export function splitLines(
  text: string,
  { splitSeed = 42, validationFraction, testFraction = 0.1 }: TrainConfig,
): DocumentSplit {
  return splitDocuments(documentsOf(text), { seed: splitSeed, validationFraction, testFraction });
}
