/**
 * One answer, token by token: scores go in, events come out. What slots and batches are is not known here, nor is the time: an answer
 * depends on its task and the scores alone.
 */

import { type TokenConstraint, type TokenDecoder, TokenSampler } from "@llm-learning/onnx";
import type { EndEvent, GenerationEvent, GenerationTask } from "../engine/engine.ts";
import { SeededUniform } from "./seededUniform.ts";
import { StopTokens } from "./stopTokens.ts";
import { TextBuilder } from "./textBuilder.ts";

/** What an answer is made with. */
export interface GenerationParts {
  readonly vocabSize: number;
  /** Longest context, prompt and answer together. */
  readonly blockSize: number;
  /** Decodes the tokens of the answer. */
  readonly decoder: TokenDecoder;
  /** What the text is held to. @defaultValue anything */
  readonly constraint?: FinishingConstraint | undefined;
}

/** A constraint that knows when nothing more can come. */
export interface FinishingConstraint extends TokenConstraint {
  /** Whether the text is whole, and nothing may follow but its end. */
  readonly isComplete: boolean;
}

/** The answer to a task. */
export class GenerationRun {
  readonly #sampler: TokenSampler;
  readonly #text: TextBuilder;
  readonly #stopIds: ReadonlySet<number>;
  readonly #constraint: FinishingConstraint | undefined;
  readonly #limit: number;
  #count = 0;
  #last: number | undefined;
  #isEnded = false;

  /** @throws RangeError or TypeError naming the first option that cannot be. */
  constructor(task: GenerationTask, { vocabSize, blockSize, decoder, constraint }: GenerationParts) {
    const { prompt, choice, seed, logprobs, stop, stopIds = [], minTokens = 0, maxTokens } = task;
    this.#limit = Math.min(maxTokens, blockSize - prompt.length);
    this.#stopIds = new Set(stopIds);
    this.#constraint = constraint;
    this.#text = new TextBuilder(decoder, { stop, minTokens });
    const delayed = minTokens > 0 && stopIds.length > 0;
    this.#sampler = new TokenSampler(vocabSize, {
      ...choice,
      logprobs,
      prompt,
      rng: new SeededUniform(seed),
      constraint: delayed ? new StopTokens(vocabSize, { stopIds, minTokens, constraint }) : constraint,
    });
  }

  /** Tokens that may yet be chosen. */
  get remaining(): number {
    return this.#limit - this.#count;
  }

  /** The token chosen last: the one to go on with. */
  get last(): number | undefined {
    return this.#last;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Chooses the next token.
   *
   * @param logits - `[V]`, the scores behind the prompt and the tokens chosen so far.
   * @throws RangeError where no token can be chosen.
   */
  next(logits: Float32Array): GenerationEvent[] {
    const sampled = this.#sampler.next(logits);
    const { token } = sampled;
    this.#count++;
    this.#last = token;
    if (this.#stopIds.has(token)) return [this.end("stop", token)];
    const events: GenerationEvent[] = [{ type: "token", ...sampled, text: this.#text.push(token) }];
    const { stop } = this.#text;
    if (stop !== undefined) events.push(this.end("stop", stop));
    else if (this.#constraint?.isComplete === true) events.push(this.end("stop"));
    else if (this.remaining <= 0) events.push(this.end("length"));
    return events;
  }

  /** Ends the answer. */
  end(reason: EndEvent["reason"], stopped?: string | number): EndEvent {
    this.#isEnded = true;
    return { type: "end", reason, stopped, text: this.#text.end(), completionTokens: this.#count };
  }
}
