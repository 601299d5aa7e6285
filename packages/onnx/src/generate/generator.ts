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
import { checkSamplingOptions, sampleToken, type SamplingOptions, type UniformSource } from "./sampling.ts";

/** How much to generate, and how tokens are chosen. */
export interface GenerateOptions extends SamplingOptions {
  /** Most tokens to generate for each prompt, an integer >= 0. */
  readonly maxTokens: number;
  /**
   * Source of chance at a temperature above 0; `Rng` of `@llm-learning/init` is one. Row r draws from `rng.fork(r)`, so what a
   * row draws does not depend on its neighbours.
   */
  readonly rng?: { fork(row: number): UniformSource } | undefined;
  /** Tokens that end a row. They are not part of the result. @defaultValue none */
  readonly stopIds?: Iterable<number> | undefined;
  /** Ends the generation: the next step throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A token of one of the rows, as soon as it is known. */
export interface GeneratedToken {
  /** Index of the prompt. */
  readonly row: number;
  readonly token: number;
}

/** Options of {@link Generator}. */
export interface GeneratorOptions {
  /** Longest context in tokens. @defaultValue what the model's metadata says */
  readonly blockSize?: number | undefined;
}

interface Row {
  readonly index: number;
  readonly rng: UniformSource | undefined;
  remaining: number;
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
export class Generator {
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

  /**
   * Continues each prompt.
   *
   * @param prompts - Token ids, at least one in each; of a longer prompt the last `blockSize` are read.
   * @returns the new tokens of each prompt, without the prompt.
   * @throws RangeError for a prompt or an option out of range, before anything runs.
   */
  async generate(prompts: readonly ArrayLike<number>[], options: GenerateOptions): Promise<number[][]> {
    const rows = prompts.map((): number[] => []);
    for await (const { row, token } of this.stream(prompts, options)) rows[row].push(token);
    return rows;
  }

  /** As `generate`, giving each token as soon as it is known: row by row, step by step. */
  async *stream(prompts: readonly ArrayLike<number>[], options: GenerateOptions): AsyncGenerator<GeneratedToken, void> {
    const { maxTokens, rng, signal } = options;
    this.#check(prompts, options);
    const stopIds = new Set(options.stopIds);
    const rows = prompts.map((_, index): Row => ({ index, rng: rng?.fork(index), remaining: maxTokens }));
    const batch = new ContextBatch(this.#session, this.signature, this.blockSize, prompts);
    let live = maxTokens === 0 ? [] : rows;
    while (live.length > 0) {
      signal?.throwIfAborted();
      const logits = await batch.forward();
      const tokens = live.map((row, index) => sampleToken(logits[index], options, row.rng));
      for (const [index, row] of live.entries()) {
        if (stopIds.has(tokens[index])) row.remaining = 0;
        else yield { row: row.index, token: tokens[index] };
        row.remaining--;
      }
      const kept = live.map((_, index) => index).filter((index) => live[index].remaining > 0);
      live = kept.map((index) => live[index]);
      batch.append(
        kept,
        kept.map((index) => tokens[index]),
      );
    }
  }

  /** Frees the model; nothing can be generated afterwards. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  #check(prompts: readonly ArrayLike<number>[], options: GenerateOptions): void {
    const { maxTokens, temperature = 0, rng } = options;
    const { vocabSize } = this.signature;
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 0) {
      throw new RangeError(`Generator.generate: expected maxTokens to be an integer >= 0, got ${maxTokens}`);
    }
    checkSamplingOptions("Generator.generate", options);
    if (temperature > 0 && rng === undefined) {
      throw new TypeError(`Generator.generate: expected an rng at temperature ${temperature}, got none`);
    }
    prompts.forEach((prompt, row) => {
      if (prompt.length === 0) throw new RangeError(`Generator.generate: expected a token in prompt ${row}, got none`);
      for (let i = 0; i < prompt.length; i++) {
        const id = prompt[i];
        if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
        throw new RangeError(`Generator.generate: expected ids from 0 to ${vocabSize - 1}, got ${id} in prompt ${row}`);
      }
    });
  }
}
