/**
 * One answer of a legacy completion, as its events come.
 */

import type { GenerationEvent } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import { type CompletionLogprobs, CompletionLogprobsWriter, noLogprobs } from "./completionLogprobs.ts";
import type { Prompt } from "./promptTokens.ts";

/** A part of an answer: `choices[i]` of a chunk, or of the whole. */
export interface CompletionPiece {
  readonly index: number;
  text: string;
  logprobs: CompletionLogprobs | null;
  finish_reason: "stop" | "length" | null;
  /** The stop string or the stop id of the request that ended it, as vLLM says it. */
  stop_reason: string | number | null;
  prompt_token_ids?: readonly number[];
  token_ids?: number[];
}

export interface CompletionChoiceOptions {
  readonly index: number;
  readonly model: ServedModel;
  readonly prompt: Prompt;
  readonly echo: boolean;
  readonly logprobs: boolean;
  readonly specialTokens: boolean;
  readonly tokenIds: boolean;
}

export class CompletionChoice {
  readonly #options: CompletionChoiceOptions;
  readonly #writer: CompletionLogprobsWriter;
  #hasBegun = false;

  constructor(options: CompletionChoiceOptions) {
    this.#options = options;
    this.#writer = new CompletionLogprobsWriter(options.model.tokenizer);
  }

  /** @returns what the event adds; undefined where that is nothing to be told. */
  take(event: GenerationEvent): CompletionPiece | undefined {
    const { echo, logprobs, model, prompt, specialTokens, tokenIds } = this.#options;
    const piece = this.#emptyPiece();
    if (event.type === "prompt") {
      if (!echo) return undefined;
      piece.text = prompt.text ?? model.tokenizer.decode(prompt.tokens);
      for (const [place, token] of (event.tokens ?? []).entries()) {
        const hides = place === 0 && prompt.hasAddedBegin;
        if (piece.logprobs !== null) this.#writer.write(piece.logprobs, token, { specialTokens: true, hides });
      }
    } else if (event.type === "token") {
      if (event.text === "" && !logprobs && !tokenIds) return undefined;
      piece.text = event.text;
      if (piece.logprobs !== null) this.#writer.write(piece.logprobs, event, { specialTokens });
      piece.token_ids?.push(event.token);
    } else {
      piece.text = event.text;
      piece.finish_reason = event.reason;
      piece.stop_reason = shownStop(event.stopped, model.stopIds);
    }
    if (tokenIds && !this.#hasBegun) piece.prompt_token_ids = prompt.tokens;
    this.#hasBegun = true;
    return piece;
  }

  #emptyPiece(): CompletionPiece {
    const { index, logprobs, tokenIds } = this.#options;
    return {
      index,
      text: "",
      logprobs: logprobs ? noLogprobs() : null,
      finish_reason: null,
      stop_reason: null,
      ...(tokenIds ? { token_ids: [] } : {}),
    };
  }
}

/** Adds the next piece of an answer to those before it. */
export function appendPiece(whole: CompletionPiece | undefined, piece: CompletionPiece): CompletionPiece {
  if (whole === undefined) return piece;
  whole.text += piece.text;
  whole.finish_reason = piece.finish_reason;
  whole.stop_reason = piece.stop_reason;
  whole.token_ids?.push(...(piece.token_ids ?? []));
  if (whole.logprobs !== null && piece.logprobs !== null) {
    whole.logprobs.tokens.push(...piece.logprobs.tokens);
    whole.logprobs.token_logprobs.push(...piece.logprobs.token_logprobs);
    whole.logprobs.top_logprobs.push(...piece.logprobs.top_logprobs);
    whole.logprobs.text_offset.push(...piece.logprobs.text_offset);
  }
  return whole;
}

/** What ended a text, as vLLM says it: the request's stop string or stop id; null for ends that are the model's own. */
export function shownStop(
  stopped: string | number | undefined,
  own: readonly (string | number)[],
): string | number | null {
  return stopped === undefined || own.includes(stopped) ? null : stopped;
}
