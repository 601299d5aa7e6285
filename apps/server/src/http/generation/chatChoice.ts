/**
 * One answer in a conversation, as its events come.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { GenerationEvent, ScoredToken } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import { shownStop } from "./completionChoice.ts";
import { shownBytes, shownLogprob, shownText } from "./tokenText.ts";

/** A token, its probability, and what it is made of. */
export interface ChatTokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

export interface ScoredChatToken extends ChatTokenLogprob {
  readonly top_logprobs: readonly ChatTokenLogprob[];
}

/** A part of an answer, before it is a chunk's `delta` or the whole's `message`. */
export interface ChatPiece {
  readonly content: string;
  readonly logprobs: readonly ScoredChatToken[];
  readonly tokenIds: readonly number[];
  readonly finishReason: "stop" | "length" | null;
  readonly stopReason: string | number | null;
}

/** @returns what an event adds to an answer; undefined for the prompt's. */
export function chatPiece(event: GenerationEvent, model: ServedModel): ChatPiece | undefined {
  if (event.type === "prompt") return undefined;
  if (event.type === "end") {
    const stopReason = shownStop(event.stopped, [...model.stopIds, ...(model.chatTemplate.stops ?? [])]);
    return { content: event.text, logprobs: [], tokenIds: [], finishReason: event.reason, stopReason };
  }
  const logprobs = event.logprob === undefined ? [] : [scored(model.tokenizer, event, event.logprob)];
  return { content: event.text, logprobs, tokenIds: [event.token], finishReason: null, stopReason: null };
}

function scored(tokenizer: Tokenizer, { token, topLogprobs = [] }: ScoredToken, logprob: number): ScoredChatToken {
  return {
    ...shown(tokenizer, token, logprob),
    top_logprobs: topLogprobs.map((other) => shown(tokenizer, other.token, other.logprob)),
  };
}

function shown(tokenizer: Tokenizer, token: number, logprob: number): ChatTokenLogprob {
  const bytes = shownBytes(tokenizer, token);
  return { token: shownText(bytes), logprob: shownLogprob(logprob), bytes: [...bytes] };
}
