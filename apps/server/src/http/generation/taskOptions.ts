/**
 * From the fields of a request to what an engine is asked.
 */

import { createHash, randomInt } from "node:crypto";
import type { Choice, GenerationTask } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import type { GenerationFields } from "../requests/generationFields.ts";
import { constraintOf } from "../requests/responseFormat.ts";
import { described } from "../schemaErrors.ts";

/** What the tasks of one request have in common. */
export type TaskOptions = Pick<GenerationTask, "minTokens" | "choice" | "stopIds" | "specialTokens" | "constraint"> & {
  readonly stop: readonly string[];
};

/** @throws HttpError for ids that are no tokens. */
export function taskOptions(body: GenerationFields, model: ServedModel): TaskOptions {
  const { stop = [], stop_token_ids: ownStopIds = [], ignore_eos: ignoresEnd = false, skip_special_tokens } = body;
  checkTokenIds("stop_token_ids", ownStopIds, model);
  return {
    minTokens: body.min_tokens,
    choice: choiceOf(body, model),
    stop: typeof stop === "string" ? [stop] : stop,
    stopIds: [...new Set([...(ignoresEnd ? [] : model.stopIds), ...ownStopIds])],
    specialTokens: skip_special_tokens === false,
    constraint: constraintOf(body.response_format),
  };
}

/**
 * How many tokens may be generated.
 *
 * @param requested - As the request has it.
 * @param usual - Where it does not say; cut to what the context leaves.
 * @throws HttpError where prompt and answer do not fit the context.
 */
export function answerLength(
  { engine: { blockSize } }: ServedModel,
  { promptLength, requested, usual }: { promptLength: number; requested: number | undefined; usual: number },
): number {
  const left = blockSize - promptLength;
  if (requested === undefined ? left > 0 : requested <= left) return requested ?? Math.min(usual, left);
  if (left < 0 || requested === undefined) throw contextExceeded(blockSize, `${promptLength} tokens`);
  throw contextExceeded(blockSize, `${promptLength} tokens, and ${requested} are asked for: at most ${left} are left`);
}

/** @param prompt - How long the prompt is, and what else is to be said of it. */
export function contextExceeded(blockSize: number, prompt: string): HttpError {
  return new HttpError(400, `the model's context is ${blockSize} tokens long; the prompt has ${prompt}`, {
    code: "context_length_exceeded",
  });
}

/**
 * Seeds of the answers to one prompt. The first one is the request's own, so that it is the same text whatever `n` is; that of answer
 * `i > 0` is the first 52 bits of SHA-256 of the text `seed:i`. Without a seed they are random, as with -1, which is none to vLLM and
 * to llama.cpp too.
 */
export function choiceSeeds(seed: number | undefined, n: number): number[] {
  const first = firstSeed(seed);
  return Array.from({ length: n }, (_, index) => (index === 0 ? first : hashed(`${first}:${index}`)));
}

/** An integer from 0 to 2^53 - 1. */
function firstSeed(seed: number | undefined): number {
  if (seed === undefined || seed === -1) return randomInt(2 ** 48 - 1);
  if (!Number.isSafeInteger(seed)) return hashed(String(seed));
  return seed < 0 ? seed + 2 ** 53 : seed;
}

function hashed(text: string): number {
  return Number.parseInt(createHash("sha256").update(text).digest("hex").slice(0, 13), 16);
}

/** @throws HttpError naming the first id that is no token. */
export function checkTokenIds(param: string, ids: Iterable<number>, { engine, tokenizer }: ServedModel): void {
  // A model may have rows beyond its vocabulary, which are no tokens.
  const vocabSize = Math.min(engine.vocabSize, tokenizer.vocabSize);
  for (const id of ids) {
    if (id < vocabSize) continue;
    throw new HttpError(400, `${param}: expected token ids below ${vocabSize}, got ${id}, which is out of vocabulary`, {
      param,
    });
  }
}

/** What a request leaves open, the model's own `generation_config.json` says, as with vLLM, and then OpenAI's defaults. */
function choiceOf(body: GenerationFields, model: ServedModel): Choice {
  const { defaults } = model;
  const { top_k: topK, top_p: topP } = body;
  return {
    temperature: body.temperature ?? defaults.temperature ?? 1,
    topK: topK === undefined ? defaults.topK : topK < 1 ? undefined : topK,
    // OpenAI takes 0, where only the most probable token is left.
    topP: topP === undefined ? defaults.topP : Math.max(topP, Number.MIN_VALUE),
    minP: body.min_p ?? defaults.minP,
    repetitionPenalty: body.repetition_penalty ?? defaults.repetitionPenalty,
    frequencyPenalty: body.frequency_penalty ?? defaults.frequencyPenalty,
    presencePenalty: body.presence_penalty ?? defaults.presencePenalty,
    logitBias: body.logit_bias === undefined ? defaults.logitBias : logitBiasOf(body.logit_bias, model),
  };
}

function logitBiasOf(bias: Readonly<Record<string, number>>, model: ServedModel): Map<number, number> {
  const unknown = Object.keys(bias).filter((key) => !/^\d{1,10}$/.test(key));
  if (unknown.length > 0) {
    const some = unknown.slice(0, 3).map(described).join(", ");
    throw new HttpError(400, `logit_bias: expected keys that are token ids, got ${some}`, { param: "logit_bias" });
  }
  const biases = new Map(Object.entries(bias).map(([key, value]) => [Number(key), value]));
  checkTokenIds("logit_bias", biases.keys(), model);
  return biases;
}
