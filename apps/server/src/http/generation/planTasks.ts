/**
 * From a request and its prompts to the tasks that answer it.
 */

import type { GenerationTask } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import type { GenerationFields } from "../requests/generationFields.ts";
import type { Prompt } from "./promptTokens.ts";
import { answerLength, choiceSeeds, taskOptions } from "./taskOptions.ts";

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
