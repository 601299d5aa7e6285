/**
 * `POST /v1/completions`: texts that continue a prompt.
 *
 * @see https://platform.openai.com/docs/api-reference/completions
 */

import { randomUUID } from "node:crypto";
import type { GenerationTask } from "../../engine/engine.ts";
import type { ServedModel } from "../../model/servedModel.ts";
import type { AppContext } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { clientOf } from "../client.ts";
import { disconnectSignal } from "../disconnect.ts";
import { sendEvents } from "../eventStream.ts";
import { findModel } from "../findModel.ts";
import { appendPiece, CompletionChoice, type CompletionPiece } from "../generation/completionChoice.ts";
import { checkScores, planTasks } from "../generation/planTasks.ts";
import { type Prompt, textPrompt, tokenPrompt } from "../generation/promptTokens.ts";
import { type IndexedEvent, runTasks } from "../generation/runTasks.ts";
import { systemFingerprint } from "../generation/systemFingerprint.ts";
import { UsageCounter } from "../generation/usage.ts";
import { type CompletionRequest, completionRequest } from "../requests/completionRequest.ts";
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
    const prompts = promptsOf(body, model);
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

function promptsOf({ prompt, add_special_tokens: beginning = true }: CompletionRequest, model: ServedModel): Prompt[] {
  const prompts = typeof prompt === "string" || typeof prompt[0] === "number" ? [prompt] : prompt;
  return (prompts as readonly (string | number[])[]).map((one) =>
    typeof one === "string" ? textPrompt(model, one, { beginning }) : tokenPrompt(model, one),
  );
}

/** What is told of the events of all answers, at once or bit by bit. */
class CompletionAnswer {
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
