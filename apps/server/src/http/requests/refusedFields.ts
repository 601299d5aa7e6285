/**
 * Fields that would change the answer and that this server does not know. Other unknown fields are ignored, as OpenAI's are, since
 * clients send all kinds of them; these are refused, lest a client believe that they had been heeded.
 */

import { HttpError } from "../errors.ts";

/** A body before its schema has been looked at, or beyond what it says. */
type Body = Readonly<Record<string, unknown>>;

const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : value === "");
const isFalse = (value: unknown): boolean => value === false;
const isTextOnly = (value: unknown): boolean => Array.isArray(value) && value.every((item) => item === "text");
const never = (): boolean => false;

interface Refusal {
  /** Values that change nothing. */
  readonly harmless: (value: unknown, body: Body) => boolean;
  readonly because: string;
}

const template: Refusal = { harmless: never, because: "templates are the model's own, never a request's" };
const constraint: Refusal = { harmless: never, because: "answers are held to a form by response_format" };
const sound: Refusal = { harmless: never, because: "answers are texts" };
const tools: Refusal = {
  harmless: (value, { tool_choice }) => isEmpty(value) || tool_choice === "none",
  because: "models call no tools here",
};

const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ["suffix", { harmless: isEmpty, because: "models continue texts, they do not fill gaps" }],
  ["best_of", { harmless: (value, { n }) => value === (n ?? 1), because: "it may only equal n" }],
  ["use_beam_search", { harmless: isFalse, because: "texts are drawn token by token" }],
  ["tools", tools],
  ["functions", { ...tools, harmless: (value, { function_call }) => isEmpty(value) || function_call === "none" }],
  ["tool_choice", { harmless: (value) => value === "none" || value === "auto", because: tools.because }],
  ["function_call", { harmless: (value) => value === "none" || value === "auto", because: tools.because }],
  ["audio", sound],
  ["modalities", { harmless: isTextOnly, because: sound.because }],
  ["web_search_options", { harmless: never, because: "models search nothing" }],
  ["documents", { harmless: isEmpty, because: "texts go into messages" }],
  ["chat_template", template],
  ["chat_template_kwargs", template],
  ["template", template],
  ["structured_outputs", constraint],
  ["guided_json", constraint],
  ["guided_regex", constraint],
  ["guided_choice", constraint],
  ["guided_grammar", constraint],
  ["grammar", constraint],
  ["json_schema", constraint],
  ["prompt_embeds", { harmless: isEmpty, because: "prompts are texts or token ids" }],
  ["prompt_logprobs", { harmless: never, because: "echo with logprobs gives those of the prompt" }],
  ["truncate_prompt_tokens", { harmless: never, because: "prompts are taken whole" }],
  ["allowed_token_ids", { harmless: never, because: "logit_bias chooses among tokens" }],
  ["bad_words", { harmless: isEmpty, because: "logit_bias chooses among tokens" }],
  ["include_stop_str_in_output", { harmless: isFalse, because: "texts are without what ended them" }],
]);

/** @throws HttpError naming the first field that cannot be heeded. */
export function refuseFields(body: Body): void {
  for (const [param, value] of Object.entries(body)) {
    const refusal = refusals.get(param);
    if (refusal === undefined || refusal.harmless(value, body)) continue;
    throw new HttpError(400, `${param}: not supported; ${refusal.because}`, { code: "unsupported_parameter", param });
  }
}

/** A hook before validation: fields that are null are as good as absent, as in OpenAI's API. */
export async function dropNulls({ body }: { body: unknown }): Promise<void> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return;
  const fields = body as Record<string, unknown>;
  for (const name of Object.keys(fields)) if (fields[name] === null) delete fields[name];
}
