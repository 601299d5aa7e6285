/**
 * Generates tokens with a causal language model in ONNX: a prefill of the prompts, then one token a step over the KV cache.
 *
 * Prompts of different lengths run in one batch, padded on the left. When a row's context is full, its older part is dropped,
 * the newer half becomes the whole context at positions from 0, and the batch is prefilled again: llama.cpp's context
 * shift, with the cache computed anew, since learned positions cannot be moved. Text and tokenizers are elsewhere.
 */

import type { Session } from "../runtime/session.ts";
import type { CausalLMSignature } from "./causalLMSignature.ts";
import { ContextBatch } from "./contextBatch.ts";
import type { GeneratedToken, GenerateOptions } from "./generateOptions.ts";
import { collectTokens, generateTokens } from "./generateTokens.ts";
import type { TokenGenerator } from "./tokenGenerator.ts";

/** Options of {@link Generator}. */
export interface GeneratorOptions {
  /** Longest context in tokens. @defaultValue what the model's metadata says */
  readonly blockSize?: number | undefined;
}

/**
 * A model that continues sequences of tokens.
 *
 * @example
 * ```ts
 * const generator = await openGenerator("model/onnx/model.onnx", { threads: 2 });
 * const [continuation] = await generator.generate([[5, 3, 8]], { maxTokens: 20, temperature: 0.8, rng: new Rng(1) });
 * ```
 */
export class Generator implements TokenGenerator {
  readonly signature: CausalLMSignature;
  /** Longest context in tokens. */
  readonly blockSize: number;
  readonly #session: Session;

  /** @throws RangeError if neither the options nor the model's metadata tell the longest context. */
  constructor(session: Session, signature: CausalLMSignature, options: GeneratorOptions = {}) {
    const blockSize = options.blockSize ?? signature.blockSize;
    if (blockSize === undefined || !Number.isSafeInteger(blockSize) || blockSize < 1) {
      throw new RangeError(
        `Generator: expected blockSize, an integer >= 1, in the options or the model's metadata, got ${blockSize}`,
      );
    }
    this.signature = signature;
    this.blockSize = blockSize;
    this.#session = session;
  }

  get vocabSize(): number {
    return this.signature.vocabSize;
  }

  /**
   * Continues each prompt.
   *
   * @param prompts - Token ids, at least one in each; of a longer prompt the last `blockSize` are read.
   * @returns the new tokens of each prompt, without the prompt.
   * @throws RangeError for a prompt or an option out of range, before anything runs.
   */
  async generate(prompts: readonly ArrayLike<number>[], options: GenerateOptions): Promise<number[][]> {
    return collectTokens(prompts.length, this.stream(prompts, options));
  }

  /** As `generate`, giving each token as soon as it is known: row by row, step by step. */
  stream(prompts: readonly ArrayLike<number>[], options: GenerateOptions): AsyncGenerator<GeneratedToken, void> {
    const begin = (wanted: readonly ArrayLike<number>[]): ContextBatch =>
      new ContextBatch(this.#session, this.signature, this.blockSize, wanted);
    return generateTokens("Generator.generate", begin, { prompts, options, vocabSize: this.vocabSize });
  }

  /** Frees the model; nothing can be generated afterwards. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
