/**
 * Chooses the tokens of one sequence, step by step: everything that options can ask for, with the memory that penalties need.
 * Sequences share nothing, so each of a batch may have options of its own, and none changes another's tokens.
 *
 * The order is vLLM's, and Hugging Face's as far as that goes:
 *
 * 1. log-probabilities are taken of the model's own logits, before anything changes them;
 * 2. logit bias;
 * 3. repetition penalty;
 * 4. frequency and presence penalties;
 * 5. tokens that a constraint does not allow are ruled out;
 * 6. temperature 0: the best token; otherwise
 * 7. temperature, top-k, top-p, min-p, and a draw (`sampleToken`).
 */

import { addLogitBias, checkLogitBias, type LogitBias } from "./logitBias.ts";
import { checkLogprobs, scoreToken, type TokenLogprob } from "./logprobs.ts";
import { checkPenaltyOptions, penalizeFrequency, penalizeRepetition, type PenaltyOptions } from "./penalties.ts";
import { checkSamplingOptions, sampleToken, type SamplingOptions, type UniformSource } from "./sampling.ts";
import { keepAllowed, type TokenConstraint } from "./tokenConstraint.ts";
import { checkTokenIds } from "./tokenIds.ts";

/** How the tokens of a sequence are chosen. */
export interface ChoiceOptions extends SamplingOptions, PenaltyOptions {
  /** What is added to the logits of tokens. @defaultValue nothing */
  readonly logitBias?: LogitBias | undefined;
  /** Gives each token's log-probability and as many of the most probable tokens, from 0 to 20. @defaultValue none */
  readonly logprobs?: number | undefined;
}

/** Options of {@link TokenSampler}. */
export interface TokenSamplerOptions extends ChoiceOptions {
  /** Tokens that the sequence begins with; the repetition penalty counts them. @defaultValue none */
  readonly prompt?: ArrayLike<number> | undefined;
  /** Source of chance, needed at a temperature above 0. */
  readonly rng?: UniformSource | undefined;
  /** Says before each token which ones may come, and is told which one came. @defaultValue all may */
  readonly constraint?: TokenConstraint | undefined;
}

/** A token, and how probable it was where `logprobs` were asked for. */
export interface SampledToken {
  readonly token: number;
  /** Natural logarithm of its probability in the model's own distribution, before bias, penalties, temperature and filters. */
  readonly logprob?: number;
  /** The most probable tokens of that distribution, best first; the token itself may be among them. */
  readonly topLogprobs?: readonly TokenLogprob[];
}

/**
 * Chooses one token after the other.
 *
 * @example
 * ```ts
 * const sampler = new TokenSampler(3, { prompt: [0], repetitionPenalty: 2 });
 * sampler.next(new Float32Array([3, 2, 1])).token; // 1: 3 became 1.5
 * sampler.next(new Float32Array([3, 2, 1])).token; // 0: 1.5 is best again, as 2 became 1
 * ```
 */
export class TokenSampler {
  readonly #vocabSize: number;
  readonly #options: TokenSamplerOptions;
  /** Tokens of prompt and answer. */
  readonly #seen: Set<number>;
  /** How often each token was generated. */
  readonly #counts = new Map<number, number>();

  /** @throws RangeError or TypeError naming the first option that cannot be. */
  constructor(vocabSize: number, options: TokenSamplerOptions = {}) {
    checkTokenSampler("TokenSampler", vocabSize, options);
    this.#vocabSize = vocabSize;
    this.#options = options;
    this.#seen = new Set(Array.from(options.prompt ?? []));
  }

  /**
   * The next token, which is then part of the sequence.
   *
   * @param logits - `[V]`, not changed.
   * @throws RangeError for logits of another size, and without a finite largest value (the model diverged, or no token is allowed).
   */
  next(logits: Float32Array): SampledToken {
    if (logits.length !== this.#vocabSize) {
      throw new RangeError(`TokenSampler.next: expected ${this.#vocabSize} logits, got ${logits.length}`);
    }
    const { logprobs, rng, constraint } = this.#options;
    const token = sampleToken(this.#adjust(logits), this.#options, rng);
    constraint?.accept(token);
    this.#seen.add(token);
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
    if (logprobs === undefined) return { token };
    return { token, ...scoreToken(logits, token, logprobs) };
  }

  #adjust(logits: Float32Array): Float32Array {
    const { logitBias, repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0, constraint } = this.#options;
    let adjusted = logits;
    if (logitBias !== undefined) adjusted = addLogitBias(adjusted, logitBias);
    if (repetitionPenalty !== 1) adjusted = penalizeRepetition(adjusted, this.#seen, repetitionPenalty);
    if (frequencyPenalty !== 0 || presencePenalty !== 0) {
      const penalty = { frequency: frequencyPenalty, presence: presencePenalty };
      adjusted = penalizeFrequency(adjusted, this.#counts, penalty);
    }
    if (constraint !== undefined) adjusted = keepAllowed(adjusted, constraint.allowed());
    return adjusted;
  }
}

/** @throws RangeError or TypeError naming the first option that cannot be. */
export function checkTokenSampler(caller: string, vocabSize: number, options: TokenSamplerOptions): void {
  const { temperature = 0, logitBias, logprobs = 0, prompt = [], rng } = options;
  checkSamplingOptions(caller, options);
  checkPenaltyOptions(caller, options);
  checkLogprobs(caller, logprobs);
  if (logitBias !== undefined) checkLogitBias(caller, logitBias, vocabSize);
  if (temperature > 0 && rng === undefined) {
    throw new TypeError(`${caller}: expected an rng at temperature ${temperature}, got none; temperature 0 needs none`);
  }
  checkTokenIds(caller, prompt, { vocabSize, where: "the prompt" });
}
