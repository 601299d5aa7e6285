/**
 * `POST /playground/generate`: what `/v1/completions` does, told in tokens: with the id and the text of each, and of those that were
 * not chosen.
 */

import type { DecodeStream } from "@llm-learning/tokenizers";
import { type Static, Type } from "typebox";
import type { GenerationEvent, ScoredToken } from "../engine/engine.ts";
import type { AppContext } from "../http/appContext.ts";
import type { App } from "../http/buildApp.ts";
import { clientOf } from "../http/client.ts";
import { disconnectSignal } from "../http/disconnect.ts";
import { HttpError } from "../http/errors.ts";
import { sendEvents } from "../http/eventStream.ts";
import { findModel } from "../http/findModel.ts";
import { chatPrompt } from "../http/generation/chatPrompt.ts";
import { planTasks } from "../http/generation/planTasks.ts";
import { type Prompt, textPrompt, tokenPrompt } from "../http/generation/promptTokens.ts";
import { shownBytes, shownLogprob, shownText } from "../http/generation/tokenText.ts";
import { generationFields, type RequestLimits } from "../http/requests/generationFields.ts";
import type { ServedModel } from "../model/servedModel.ts";
import type { PlaygroundEvent, ShownToken } from "./protocol.ts";

/** Alternatives that come with a token. */
const ALTERNATIVES = 5;

/** Most messages of a conversation. */
const MAX_MESSAGES = 256;

function generateRequest(limits: RequestLimits) {
  const { model, seed, stop, ...fields } = generationFields(limits);
  const { temperature, top_p, top_k, min_p, repetition_penalty, frequency_penalty, presence_penalty } = fields;
  const sampling = { temperature, top_p, top_k, min_p, repetition_penalty, frequency_penalty, presence_penalty };
  const role = Type.Union([Type.Literal("system"), Type.Literal("user"), Type.Literal("assistant")]);
  return Type.Object({
    model,
    seed,
    stop,
    ...sampling,
    prompt: Type.Optional(Type.String()),
    tokens: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }), { minItems: 1 })),
    messages: Type.Optional(
      Type.Array(Type.Object({ role, content: Type.String() }), { minItems: 1, maxItems: MAX_MESSAGES }),
    ),
    max_tokens: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
    score_prompt: Type.Optional(Type.Boolean()),
  });
}

type Body = Static<ReturnType<typeof generateRequest>>;

export function registerGenerate(app: App, context: AppContext): void {
  const { settings } = context;
  app.post(
    "/playground/generate",
    { schema: { body: generateRequest(settings), hide: true } },
    async (request, reply) => {
      const { body } = request;
      const model = findModel(context, body.model);
      const prompt = await promptOf(body, model);
      const room = model.engine.blockSize - prompt.tokens.length;
      const [task] = planTasks({
        model,
        body,
        prompts: [prompt],
        // A text that fills the context ends there, without a complaint.
        maxTokens: Math.min(body.max_tokens, Math.max(1, room)),
        usualMaxTokens: body.max_tokens,
        logprobs: ALTERNATIVES,
        promptLogprobs: body.score_prompt === true ? ALTERNATIVES : undefined,
        requestId: request.id,
        client: clientOf(context, request),
        timeoutSeconds: settings.requestTimeoutSeconds,
      });
      const events = model.engine.generate(task, disconnectSignal(reply));
      return sendEvents(reply, told(events, model, prompt), settings);
    },
  );
}

async function promptOf({ prompt, tokens, messages }: Body, model: ServedModel): Promise<Prompt> {
  const given = [prompt, tokens, messages].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new HttpError(400, `expected one of prompt, tokens and messages, got ${given.length} of them`);
  }
  if (tokens !== undefined) return tokenPrompt(model, tokens);
  return messages === undefined
    ? textPrompt(model, prompt ?? "", { beginning: true })
    : chatPrompt(model, { messages, addGenerationPrompt: true, continuesLast: false });
}

/** The events of the engine as the page reads them. */
async function* told(
  events: AsyncIterable<GenerationEvent>,
  model: ServedModel,
  { tokens }: Prompt,
): AsyncGenerator<PlaygroundEvent> {
  // One stream for all of the text: what a token says may depend on those before it.
  const decoder = model.tokenizer.decodeStream();
  for await (const event of events) {
    if (event.type === "prompt") {
      const scored = event.tokens ?? tokens.map((token): ScoredToken => ({ token }));
      yield { type: "prompt", tokens: scored.map((token) => shown(token, model, decoder)) };
    } else if (event.type === "token") {
      yield { type: "token", ...shown(event, model, decoder) };
    } else {
      const { reason, stopped } = event;
      const spelled = typeof stopped === "number" ? shownText(shownBytes(model.tokenizer, stopped)) : stopped;
      yield { type: "end", reason, ...(spelled !== undefined && { stopped: spelled }) };
    }
  }
}

function shown(
  { token, logprob, topLogprobs }: ScoredToken,
  { tokenizer }: ServedModel,
  decoder: DecodeStream,
): ShownToken {
  return {
    id: token,
    text: token < tokenizer.vocabSize ? decoder.push(token) : "",
    ...(logprob !== undefined && { logprob: shownLogprob(logprob) }),
    ...(topLogprobs !== undefined && {
      top: topLogprobs.map((other) => ({
        id: other.token,
        text: shownText(shownBytes(tokenizer, other.token)),
        logprob: shownLogprob(other.logprob),
      })),
    }),
  };
}
