/**
 * The byte-level BPE tokenizer of a run: learned from the text that the model is to be trained on.
 */

import type { BpeTokenizer } from "@llm-learning/tokenizers";
import { type BpeTrainingProgress, trainBpe } from "@llm-learning/tokenizers/train";
import { UsageError } from "../usageError.ts";

/** Told how far the training of a tokenizer is. */
export type LearningProgress = (progress: BpeTrainingProgress) => void;

/**
 * Learns a tokenizer of at most `vocabSize` tokens.
 *
 * @throws UsageError where no two bytes of the text can be merged.
 */
export async function learnBpe(
  texts: readonly string[],
  vocabSize: number,
  onProgress: LearningProgress | undefined,
): Promise<BpeTokenizer> {
  const tokenizer = await trainBpe(texts, { vocabSize, onProgress });
  if (tokenizer.vocabSize > 256) return tokenizer;
  throw new UsageError("expected a text with words to learn tokens from, got one without: use --tokenizer byte");
}
