/**
 * Generates tokens with a language model in ONNX that has no cache: the bigram table, the MLP, WaveNet, recurrent nets. Each step
 * reads the last `blockSize` tokens anew; when a context is full, its oldest token leaves it.
 */

import type { Session } from "../runtime/session.ts";
import type { GeneratedToken, GenerateOptions } from "./generateOptions.ts";
import { collectTokens, generateTokens } from "./generateTokens.ts";
import type { NextTokenSignature } from "./nextTokenSignature.ts";
import type { TokenGenerator } from "./tokenGenerator.ts";
import { WindowBatch } from "./windowBatch.ts";

/** Options of {@link WindowGenerator}. */
export interface WindowGeneratorOptions {
  /** What stood before the first tokens of a text in training: the boundary of documents. @defaultValue 0 */
  readonly padId?: number | undefined;
}

/**
 * A model that continues sequences of tokens, without a cache.
 *
 * @example
 * ```ts
 * const generator = await openTokenGenerator("model/onnx/model.onnx", { padId: 0 });
 * const [name] = await generator.generate([[0]], { maxTokens: 30, temperature: 1, rng: new Rng(1), stopIds: [0] });
 * ```
 */
export class WindowGenerator implements TokenGenerator {
  readonly signature: NextTokenSignature;
  readonly #session: Session;
  readonly #padId: number;

  /** @throws RangeError if padId is no token of the model. */
  constructor(session: Session, signature: NextTokenSignature, { padId = 0 }: WindowGeneratorOptions = {}) {
    if (!Number.isInteger(padId) || padId < 0 || padId >= signature.vocabSize) {
      throw new RangeError(`WindowGenerator: expected padId from 0 to ${signature.vocabSize - 1}, got ${padId}`);
    }
    this.signature = signature;
    this.#session = session;
    this.#padId = padId;
  }

  get vocabSize(): number {
    return this.signature.vocabSize;
  }

  get blockSize(): number {
    return this.signature.blockSize;
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
    const begin = (wanted: readonly ArrayLike<number>[]): WindowBatch =>
      new WindowBatch(this.#session, this.signature, { prompts: wanted, padId: this.#padId });
    return generateTokens("WindowGenerator.generate", begin, { prompts, options, vocabSize: this.vocabSize });
  }

  /** Frees the model; nothing can be generated afterwards. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
