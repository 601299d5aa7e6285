/**
 * From the messages of a request to those of a chat template: texts only.
 */

import type { ChatMessage } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import type { ChatRequest } from "./chatRequest.ts";

/**
 * Whether the answer continues the last message.
 *
 * @throws HttpError where that is not the assistant's, or where it is to be ended too.
 */
export function continuesLastMessage({
  messages,
  continue_final_message: continues = false,
  add_generation_prompt: begins,
}: Pick<ChatRequest, "messages" | "continue_final_message" | "add_generation_prompt">): boolean {
  if (!continues) return false;
  const param = "continue_final_message";
  if (begins === true) throw new HttpError(400, `${param}: expected without add_generation_prompt`, { param });
  const last = messages[messages.length - 1];
  if (last.role === "assistant" && last.content !== "") return true;
  throw new HttpError(400, `${param}: expected the last message to be the assistant's, and not empty`, { param });
}

/** Parts are joined by line breaks, as vLLM joins them. A "developer" is what newer models of OpenAI's call the system. */
export function chatMessages(messages: ChatRequest["messages"]): ChatMessage[] {
  return messages.map((message, index): ChatMessage => {
    for (const field of ["tool_calls", "function_call", "audio"]) {
      const value: unknown = Reflect.get(message, field);
      if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
      const param = `messages[${index}].${field}`;
      throw new HttpError(400, `${param}: not supported; messages are texts`, { code: "unsupported_parameter", param });
    }
    const { role, content, name } = message;
    const texts = typeof content === "string" ? [content] : content.map(({ text }) => text);
    const textless = texts.indexOf(undefined);
    if (textless >= 0) {
      const param = `messages[${index}].content[${textless}].text`;
      throw new HttpError(400, `${param}: expected a string, got nothing`, { param });
    }
    return {
      role: role === "developer" ? "system" : role,
      content: texts.join("\n"),
      ...(name === undefined ? {} : { name }),
    };
  });
}
