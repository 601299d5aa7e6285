/**
 * `POST /v1/chat/completions`: the next message of a conversation.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */

import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { clientOf } from "../client.ts";
import { disconnectSignal } from "../disconnect.ts";
import { HttpError } from "../errors.ts";
import { sendEvents } from "../eventStream.ts";
import { findModel } from "../findModel.ts";
import { ChatAnswer } from "../generation/chatAnswer.ts";
import { chatPrompt } from "../generation/chatPrompt.ts";
import { checkScores, planTasks } from "../generation/planTasks.ts";
import { runTasks } from "../generation/runTasks.ts";
import { chatMessages, continuesLastMessage } from "../requests/chatMessages.ts";
import { type ChatRequest, chatRequest } from "../requests/chatRequest.ts";
import { dropNulls, refuseFields } from "../requests/refusedFields.ts";

export function registerChatCompletions(app: App, context: AppContext): void {
  const { settings } = context;
  const schema = { body: chatRequest(settings), summary: "Continues conversations.", tags: ["generation"] };
  app.post("/v1/chat/completions", { schema, preValidation: dropNulls }, async (request, reply) => {
    const { body } = request;
    refuseFields(body);
    const model = findModel(context, body.model);
    const messages = chatMessages(body.messages);
    const signal = disconnectSignal(reply);
    const prompt = await chatPrompt(model, {
      messages,
      addGenerationPrompt: body.add_generation_prompt ?? true,
      continuesLast: continuesLastMessage(body),
    });
    const tasks = planTasks({
      model,
      body,
      prompts: [prompt],
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      usualMaxTokens: model.engine.blockSize,
      moreStops: model.chatTemplate.stops ?? [],
      logprobs: logprobsOf(body),
      requestId: request.id,
      client: clientOf(context, request),
      timeoutSeconds: settings.requestTimeoutSeconds,
    });
    if (body.stream !== true) checkScores(tasks);
    const answer = new ChatAnswer(model, body, prompt);
    const events = runTasks(model.engine, tasks, signal);
    return body.stream === true ? sendEvents(reply, answer.chunks(events), settings) : answer.whole(events);
  });
}

function logprobsOf({ logprobs = false, top_logprobs: top }: ChatRequest): number | undefined {
  if (logprobs) return top ?? 0;
  if (top === undefined || top === 0) return undefined;
  throw new HttpError(400, "top_logprobs: expected only with logprobs true", { param: "top_logprobs" });
}
