/**
 * What training, evaluation and sampling ask of a language model: scores of the next token, and their loss.
 */

import type { Tensor, Training } from "@llm-learning/nn-core";

/**
 * A model of the next token.
 *
 * Models that predict `"every"` token of a window read any number of tokens up to `blockSize`, and score the successor of each: GPT,
 * recurrent nets, the bigram table. Those that predict the `"last"` alone read exactly `blockSize` tokens and score what follows
 * them: the MLP, WaveNet.
 */
export interface LanguageModel {
  readonly config: {
    /** Number of kinds of tokens. */
    readonly vocabSize: number;
    /** Longest context, in tokens. */
    readonly blockSize: number;
  };
  /** Which successors are scored: that of every token of the window, or of its last one. */
  readonly predicts: "every" | "last";
  /**
   * Whether the number of tokens must be known while a pass is traced, as where a recurrent net is unrolled.
   *
   * @defaultValue false
   */
  readonly staticLength?: boolean;
  /**
   * Scores of the next token.
   *
   * @param inputIds - int32 or int64 `[B, T]`
   * @returns `logits`, `[B, T, V]` where every token is predicted, `[B, V]` where the last one is.
   */
  forward(inputIds: Tensor, context?: { training?: Training | undefined }): { readonly logits: Tensor };
  /**
   * Mean cross-entropy of the next token, in nats.
   *
   * @param targets - int32 `[B, T]` or `[B]`: the token that follows; -1 where nothing is asked.
   */
  loss(inputIds: Tensor, targets: Tensor, training?: Training): Tensor;
  /** The model of the same scores in use whose BatchNorms are folded into the layers before them; absent where there are none. */
  folded?(): LanguageModel;
}
