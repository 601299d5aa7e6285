/**
 * What a request of `/v1/completions` is told of the events of its answers: a document at once, or chunks bit by bit.
 *
 * @see https://platform.openai.com/docs/api-reference/completions/object
 */

import { randomUUID } from "node:crypto";
import type { GenerationTask } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import type { CompletionRequest } from "../requests/completionRequest.ts";
import { appendPiece, CompletionChoice, type CompletionPiece } from "./completionChoice.ts";
import type { Prompt } from "./promptTokens.ts";
import type { IndexedEvent } from "./runTasks.ts";
import { systemFingerprint } from "./systemFingerprint.ts";
import { UsageCounter } from "./usage.ts";

export class CompletionAnswer {
  readonly #body: CompletionRequest;
  readonly #head: object;
  readonly #choices: readonly CompletionChoice[];
  readonly #usage: UsageCounter;

  constructor(
    model: ServedModel,
    body: CompletionRequest,
    { prompts, tasks }: { prompts: readonly Prompt[]; tasks: readonly GenerationTask[] },
  ) {
    const { n = 1, echo = false, logprobs, return_token_ids: tokenIds = false } = body;
    this.#body = body;
    this.#head = {
      id: `cmpl-${randomUUID()}`,
      object: "text_completion",
      created: Math.floor(Date.now() / 1000),
      model: model.id,
      system_fingerprint: systemFingerprint(model),
    };
    this.#choices = tasks.map(({ specialTokens = false }, index) => {
      const prompt = prompts[Math.floor(index / n)];
      return new CompletionChoice({
        index,
        model,
        prompt,
        echo,
        logprobs: logprobs !== undefined,
        specialTokens,
        tokenIds,
      });
    });
    const lengths = prompts.map(({ tokens }) => tokens.length);
    this.#usage = new UsageCounter(lengths, n);
  }

  async whole(events: AsyncIterable<IndexedEvent>): Promise<object> {
    const choices: CompletionPiece[] = [];
    for await (const { index, event } of events) {
      this.#usage.count({ index, event });
      const piece = this.#choices[index].take(event);
      if (piece !== undefined) choices[index] = appendPiece(choices[index], piece);
    }
    return { ...this.#head, choices, usage: this.#usage.usage() };
  }

  async *chunks(events: AsyncIterable<IndexedEvent>): AsyncGenerator<object> {
    const { include_usage: hasUsage = false, continuous_usage_stats: always = false } = this.#body.stream_options ?? {};
    for await (const { index, event } of events) {
      this.#usage.count({ index, event });
      const piece = this.#choices[index].take(event);
      if (piece === undefined) continue;
      const usage = hasUsage ? { usage: always ? this.#usage.usage() : null } : {};
      yield { ...this.#head, choices: [piece], ...usage };
    }
    if (hasUsage) yield { ...this.#head, choices: [], usage: this.#usage.usage() };
  }
}
