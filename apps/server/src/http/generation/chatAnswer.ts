/**
 * What a request of `/v1/chat/completions` is told of the events of its answers: a document at once, or chunks bit by bit.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 * @see https://platform.openai.com/docs/api-reference/chat/streaming
 */

import { randomUUID } from "node:crypto";
import type { ServedModel } from "../../model/servedModel.ts";
import type { ChatRequest } from "../requests/chatRequest.ts";
import { type ChatPiece, chatPiece, type ScoredChatToken } from "./chatChoice.ts";
import type { Prompt } from "./promptTokens.ts";
import type { IndexedEvent } from "./runTasks.ts";
import { systemFingerprint } from "./systemFingerprint.ts";
import { UsageCounter } from "./usage.ts";

export class ChatAnswer {
  readonly #model: ServedModel;
  readonly #body: ChatRequest;
  readonly #prompt: Prompt;
  readonly #usage: UsageCounter;
  readonly #head: object;

  constructor(model: ServedModel, body: ChatRequest, prompt: Prompt) {
    this.#model = model;
    this.#body = body;
    this.#prompt = prompt;
    this.#usage = new UsageCounter([prompt.tokens.length], body.n ?? 1);
    this.#head = {
      id: `chatcmpl-${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: model.id,
      system_fingerprint: systemFingerprint(model),
    };
  }

  async whole(events: AsyncIterable<IndexedEvent>): Promise<object> {
    const { n = 1, logprobs = false, return_token_ids: hasIds = false } = this.#body;
    const answers = Array.from({ length: n }, () => ({
      content: "",
      logprobs: [] as ScoredChatToken[],
      tokenIds: [] as number[],
      finishReason: null as ChatPiece["finishReason"],
      stopReason: null as ChatPiece["stopReason"],
    }));
    for await (const { index, event } of events) {
      this.#usage.count({ index, event });
      const piece = chatPiece(event, this.#model);
      if (piece === undefined) continue;
      const answer = answers[index];
      answer.content += piece.content;
      answer.logprobs.push(...piece.logprobs);
      if (hasIds) answer.tokenIds.push(...piece.tokenIds);
      answer.finishReason = piece.finishReason;
      answer.stopReason = piece.stopReason;
    }
    const choices = answers.map(({ content, tokenIds, finishReason, stopReason, logprobs: scores }, index) => {
      return {
        index,
        message: { role: "assistant", content, refusal: null },
        logprobs: logprobs ? { content: scores, refusal: null } : null,
        finish_reason: finishReason,
        stop_reason: stopReason,
        ...(hasIds ? { token_ids: tokenIds } : {}),
      };
    });
    const ids = hasIds ? { prompt_token_ids: this.#prompt.tokens } : {};
    return { ...this.#head, object: "chat.completion", choices, usage: this.#usage.usage(), ...ids };
  }

  async *chunks(events: AsyncIterable<IndexedEvent>): AsyncGenerator<object> {
    const { include_usage: hasUsage = false } = this.#body.stream_options ?? {};
    let isFirst = true;
    for await (const { index, event } of events) {
      this.#usage.count({ index, event });
      for (const choice of this.#deltas({ index, event })) {
        const ids = isFirst && this.#body.return_token_ids === true ? { prompt_token_ids: this.#prompt.tokens } : {};
        isFirst = false;
        yield { ...this.#chunk([choice]), ...ids };
      }
    }
    if (hasUsage) yield { ...this.#chunk([]), usage: this.#usage.usage() };
  }

  /** The role first, then the text bit by bit, and last why it ended. */
  *#deltas({ index, event }: IndexedEvent): Generator<object> {
    const { logprobs = false, return_token_ids: hasIds = false } = this.#body;
    const piece = chatPiece(event, this.#model);
    const empty = { index, logprobs: null, finish_reason: null };
    if (piece === undefined) {
      yield { ...empty, delta: { role: "assistant", content: "", refusal: null } };
      return;
    }
    const { content, tokenIds, finishReason, stopReason } = piece;
    if (content !== "" || (tokenIds.length > 0 && (logprobs || hasIds))) {
      yield {
        ...empty,
        delta: { content },
        logprobs: logprobs ? { content: piece.logprobs, refusal: null } : null,
        ...(hasIds ? { token_ids: tokenIds } : {}),
      };
    }
    if (finishReason !== null) yield { ...empty, delta: {}, finish_reason: finishReason, stop_reason: stopReason };
  }

  #chunk(choices: readonly object[]): object {
    const { include_usage: hasUsage = false, continuous_usage_stats: always = false } = this.#body.stream_options ?? {};
    const usage = hasUsage ? { usage: always ? this.#usage.usage() : null } : {};
    return { ...this.#head, object: "chat.completion.chunk", choices, ...usage };
  }
}
