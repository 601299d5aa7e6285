/**
 * How many tokens a request took.
 */

import type { IndexedEvent } from "./runTasks.ts";

/** @see https://platform.openai.com/docs/api-reference/completions/object */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/**
 * Counts as events pass. A prompt counts once, however many answers it gets, and so do the tokens of it that were remembered; of the
 * answers all tokens count, the ones that ended texts too.
 */
export class UsageCounter {
  readonly #promptTokens: number;
  readonly #n: number;
  readonly #completionTokens: number[];
  #cachedTokens = 0;

  /** @param promptLengths - Of each prompt; the answers to prompt `p` are the tasks `p * n` to `p * n + n - 1`. */
  constructor(promptLengths: readonly number[], n: number) {
    this.#promptTokens = promptLengths.reduce((sum, length) => sum + length, 0);
    this.#n = n;
    this.#completionTokens = Array.from({ length: promptLengths.length * n }, () => 0);
  }

  count({ index, event }: IndexedEvent): void {
    if (event.type === "prompt" && index % this.#n === 0) this.#cachedTokens += event.cachedTokens;
    if (event.type === "token") this.#completionTokens[index]++;
    if (event.type === "end") this.#completionTokens[index] = event.completionTokens;
  }

  usage(): Usage {
    const completionTokens = this.#completionTokens.reduce((sum, count) => sum + count, 0);
    return {
      prompt_tokens: this.#promptTokens,
      completion_tokens: completionTokens,
      total_tokens: this.#promptTokens + completionTokens,
      prompt_tokens_details: { cached_tokens: this.#cachedTokens },
    };
  }
}
