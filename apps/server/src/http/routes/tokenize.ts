/**
 * `POST /tokenize` and `POST /detokenize`, as vLLM has them: what a model makes of a text, and back.
 *
 * Texts and conversations become exactly the tokens that completions and chat make of them.
 *
 * @see https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#tokenizer-api
 */

import { type Static, Type } from "typebox";
import type { ServedModel } from "../../model/servedModel.ts";
import type { AppContext, AppSettings } from "../appContext.ts";
import type { App } from "../buildApp.ts";
import { HttpError } from "../errors.ts";
import { findModel } from "../findModel.ts";
import { chatPrompt } from "../generation/chatPrompt.ts";
import { textPrompt } from "../generation/promptTokens.ts";
import { checkTokenIds } from "../generation/taskOptions.ts";
import { chatMessages, continuesLastMessage } from "../requests/chatMessages.ts";
import { chatRequest } from "../requests/chatRequest.ts";
import { dropNulls, refuseFields } from "../requests/refusedFields.ts";

/** Most tokens of one text: more than any context, few enough to be text in no time. */
const MAX_TOKENS = 1 << 17;

function tokenizeRequest(settings: AppSettings) {
  const { model, messages, add_generation_prompt, continue_final_message } = chatRequest(settings).properties;
  return Type.Object({
    model,
    prompt: Type.Optional(Type.String({ description: "A text; either this or messages." })),
    messages: Type.Optional(messages),
    add_special_tokens: Type.Optional(
      Type.Boolean({ description: "Whether the model's begin token comes before a text; true where absent." }),
    ),
    add_generation_prompt,
    continue_final_message,
    return_token_strs: Type.Optional(Type.Boolean({ description: "Whether the spellings of the tokens come too." })),
  });
}

function detokenizeRequest(settings: AppSettings) {
  return Type.Object({
    model: chatRequest(settings).properties.model,
    tokens: Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }), { maxItems: MAX_TOKENS }),
  });
}

type TokenizeRequest = Static<ReturnType<typeof tokenizeRequest>>;

export function registerTokenize(app: App, context: AppContext): void {
  const { settings } = context;
  const tags = ["tokens"];
  const tokenizing = { body: tokenizeRequest(settings), summary: "Makes tokens of a text or a conversation.", tags };
  app.post("/tokenize", { schema: tokenizing, preValidation: dropNulls }, async ({ body }) => {
    refuseFields(body);
    const model = findModel(context, body.model);
    const tokens = await tokensOf(body, model);
    return {
      count: tokens.length,
      max_model_len: model.engine.blockSize,
      tokens,
      token_strs: body.return_token_strs === true ? tokens.map((token) => model.tokenizer.idToToken(token)) : null,
    };
  });

  const detokenizing = { body: detokenizeRequest(settings), summary: "Makes a text of tokens.", tags };
  app.post("/detokenize", { schema: detokenizing, preValidation: dropNulls }, async ({ body }) => {
    const model = findModel(context, body.model);
    checkTokenIds("tokens", body.tokens, model);
    return { prompt: model.tokenizer.decode(body.tokens) };
  });
}

async function tokensOf(body: TokenizeRequest, model: ServedModel): Promise<readonly number[]> {
  const { prompt, messages, add_special_tokens: beginning = true, add_generation_prompt: isAsked = true } = body;
  if ((prompt === undefined) === (messages === undefined)) {
    throw new HttpError(400, "prompt: expected either prompt or messages", { param: "prompt" });
  }
  if (messages !== undefined) {
    const continuesLast = continuesLastMessage({ ...body, messages });
    const conversation = { messages: chatMessages(messages), addGenerationPrompt: isAsked, continuesLast };
    return (await chatPrompt(model, conversation)).tokens;
  }
  if (prompt === undefined || (prompt === "" && (!beginning || model.beginId === undefined))) return [];
  return textPrompt(model, prompt, { beginning }).tokens;
}
