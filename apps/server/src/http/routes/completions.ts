/**
 * `POST /v1/completions`: texts that continue a prompt.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 */

import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { clientOf } from "../client.ts";
import { disconnectSignal } from "../disconnect.ts";
import { sendEvents } from "../eventStream.ts";
import { findModel } from "../findModel.ts";
import { CompletionAnswer } from "../generation/completionAnswer.ts";
import { checkScores, planTasks } from "../generation/planTasks.ts";
import { promptsOf } from "../generation/promptTokens.ts";
import { runTasks } from "../generation/runTasks.ts";
import { completionRequest } from "../requests/completionRequest.ts";
import { dropNulls, refuseFields } from "../requests/refusedFields.ts";

/** OpenAI's and vLLM's. */
const USUAL_MAX_TOKENS = 16;

export function registerCompletions(app: App, context: AppContext): void {
  const { settings } = context;
  const schema = { body: completionRequest(settings), summary: "Continues texts.", tags: ["generation"] };
  app.post("/v1/completions", { schema, preValidation: dropNulls }, async (request, reply) => {
    const { body } = request;
    refuseFields(body);
    const model = findModel(context, body.model);
    const prompts = await promptsOf(model, body.prompt, { beginning: body.add_special_tokens ?? true });
    const tasks = planTasks({
      model,
      body,
      prompts,
      maxTokens: body.max_tokens,
      usualMaxTokens: USUAL_MAX_TOKENS,
      logprobs: body.logprobs,
      promptLogprobs: body.echo === true ? body.logprobs : undefined,
      requestId: request.id,
      client: clientOf(context, request),
      timeoutSeconds: settings.requestTimeoutSeconds,
    });
    if (body.stream !== true) checkScores(tasks);
    const answer = new CompletionAnswer(model, body, { prompts, tasks });
    const events = runTasks(model.engine, tasks, disconnectSignal(reply));
    return body.stream === true ? sendEvents(reply, answer.chunks(events), settings) : answer.whole(events);
  });
}
