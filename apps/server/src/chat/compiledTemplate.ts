/**
 * A chat template that is ready to be rendered, in this thread and for as long as it takes.
 */

import { Template } from "@huggingface/jinja";
import type { ChatMessage } from "../model/servedModel.ts";
import { inLine } from "../usageError.ts";
import type { ChatTemplateSource } from "./chatTemplateSource.ts";

/** Far above what a context holds. */
const MAX_OUTPUT = 1 << 23;

/** A conversation to render. */
export interface Conversation {
  readonly messages: readonly ChatMessage[];
  readonly addGenerationPrompt: boolean;
}

export type CompiledTemplate = (conversation: Conversation) => string;

/**
 * Compiles a template, with the names that transformers gives it: `messages`, `add_generation_prompt`, `tools` and `documents` (none), the
 * special tokens, `raise_exception`, `strftime_now`.
 *
 * @returns a function that throws RangeError where the template refuses a conversation, or fails.
 * @throws RangeError where the text is no template.
 */
export function compileTemplate({ text, tokens }: ChatTemplateSource): CompiledTemplate {
  const template = orRangeError("a chat template", () => new Template(text));
  return ({ messages, addGenerationPrompt }) => {
    const rendered = orRangeError("a conversation that the model's chat template takes", () =>
      template.render({
        ...tokens,
        messages: messages.map(({ name, ...message }) => (name === undefined ? message : { ...message, name })),
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      }),
    );
    if (rendered.length <= MAX_OUTPUT) return rendered;
    throw new RangeError(`expected a conversation of at most ${MAX_OUTPUT} characters, got ${rendered.length}`);
  };
}

/** Why a text is no template; undefined where it is one. */
export function templateFault(source: ChatTemplateSource): string | undefined {
  try {
    compileTemplate(source);
    return undefined;
  } catch (error) {
    return `${source.name}: ${(error as Error).message}`;
  }
}

function orRangeError<T>(wanted: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new RangeError(`expected ${wanted}, got: ${inLine((cause as Error).message)}`, { cause });
  }
}
