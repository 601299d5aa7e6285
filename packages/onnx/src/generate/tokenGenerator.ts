/**
 * What those who want tokens ask of a generator, whatever its model is.
 */

import type { GeneratedToken, GenerateOptions } from "./generateOptions.ts";

/** A model that continues sequences of tokens: {@link Generator} with a KV cache, {@link WindowGenerator} without. */
export interface TokenGenerator {
  /** Number of kinds of tokens. */
  readonly vocabSize: number;
  /** Longest context in tokens. */
  readonly blockSize: number;
  /** The new tokens of each prompt, without the prompt. */
  generate(prompts: readonly ArrayLike<number>[], options: GenerateOptions): Promise<number[][]>;
  /** As `generate`, giving each token as soon as it is known. */
  stream(prompts: readonly ArrayLike<number>[], options: GenerateOptions): AsyncGenerator<GeneratedToken, void>;
  /** Frees the model; nothing can be generated afterwards. */
  dispose(): Promise<void>;
}
