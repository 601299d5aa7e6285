/**
 * How probable the tokens of a sample were, with their texts.
 */

import type { GeneratedToken } from "@llm-learning/onnx";
import type { Tokenizer } from "@llm-learning/tokenizers";

/** A token and its probability. */
export interface TokenProbability {
  readonly id: number;
  /** Its text alone; U+FFFD where it is a part of a character. */
  readonly text: string;
  /** Natural logarithm of its probability, by the model's own distribution: before penalties, temperature and filters. */
  readonly logprob: number;
}

/** A token that was generated, and those that the model thought most probable there. */
export interface SampledTokenProbability extends TokenProbability {
  /** Best first; the token itself may be among them. */
  readonly top: readonly TokenProbability[];
}

/** Undefined where no log-probabilities were asked for. */
export function sampleLogprobs(
  { token, logprob, topLogprobs = [] }: GeneratedToken,
  tokenizer: Tokenizer,
): SampledTokenProbability | undefined {
  if (logprob === undefined) return undefined;
  const top = topLogprobs.map((entry) => ({
    id: entry.token,
    text: tokenText(entry.token, tokenizer),
    logprob: entry.logprob,
  }));
  return { id: token, text: tokenText(token, tokenizer), logprob, top };
}

/** A sparse vocabulary leaves ids out that a model may still choose. */
function tokenText(id: number, tokenizer: Tokenizer): string {
  try {
    return tokenizer.decode([id]);
  } catch (error) {
    if (error instanceof RangeError) return "\ufffd";
    throw error;
  }
}
