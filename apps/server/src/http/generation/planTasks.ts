/**
 * From a request and its prompts to the tasks that answer it.
 */

import type { GenerationTask } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import type { GenerationFields } from "../requests/generationFields.ts";
import type { Prompt } from "./promptTokens.ts";
import { answerLength, choiceSeeds, taskOptions } from "./taskOptions.ts";

/**
 * Most log-probabilities of an answer that comes at once, and so is held at once: 64 prompts of 2048 tokens with one alternative each,
 * some 10 MB of JSON. A stream has no such limit.
 */
const MAX_SCORES = 2 ** 18;

/** What tasks are made of. */
export interface TaskPlan {
  readonly model: ServedModel;
  readonly body: GenerationFields;
  readonly prompts: readonly Prompt[];
  /** Most tokens of an answer, as the request has it, and where it does not say. */
  readonly maxTokens: number | undefined;
  readonly usualMaxTokens: number;
  /** Stop strings besides the request's. */
  readonly moreStops?: readonly string[];
  readonly logprobs: number | undefined;
  readonly promptLogprobs?: number | undefined;
  readonly requestId: string;
  readonly client: string;
  /** Most seconds that the answer may take. */
  readonly timeoutSeconds: number;
}

/**
 * `n` tasks for each prompt, those of one prompt together.
 *
 * @throws HttpError for what the model cannot do, before anything runs.
 */
export function planTasks({
  model,
  body,
  prompts,
  maxTokens: requested,
  usualMaxTokens: usual,
  moreStops = [],
  logprobs,
  promptLogprobs,
  requestId,
  client,
  timeoutSeconds,
}: TaskPlan): GenerationTask[] {
  if (body.stream_options !== undefined && body.stream !== true) {
    throw new HttpError(400, "stream_options: expected only with stream true", { param: "stream_options" });
  }
  const options = taskOptions(body, model);
  const stop = [...options.stop, ...moreStops];
  const deadline = Date.now() + 1000 * Math.min(timeoutSeconds, body.timeout ?? timeoutSeconds);
  return prompts.flatMap(({ tokens: prompt }) => {
    const maxTokens = answerLength(model, { promptLength: prompt.length, requested, usual });
    if (options.minTokens !== undefined && options.minTokens > maxTokens) {
      throw new HttpError(400, `min_tokens: expected at most ${maxTokens}, got ${options.minTokens}`, {
        param: "min_tokens",
      });
    }
    return choiceSeeds(body.seed, body.n ?? 1).map((seed): GenerationTask => {
      return { ...options, stop, requestId, client, deadline, prompt, maxTokens, seed, logprobs, promptLogprobs };
    });
  });
}

/** @throws HttpError where an answer that comes at once would hold too many log-probabilities. */
export function checkScores(tasks: readonly GenerationTask[]): void {
  let scores = 0;
  for (const { prompt, maxTokens, logprobs, promptLogprobs } of tasks) {
    if (logprobs !== undefined) scores += maxTokens * (1 + logprobs);
    if (promptLogprobs !== undefined) scores += prompt.length * (1 + promptLogprobs);
  }
  if (scores <= MAX_SCORES) return;
  const message = `logprobs: expected at most ${MAX_SCORES} in all answers, got up to ${scores}; a stream may have more`;
  throw new HttpError(400, message, { param: "logprobs" });
}
