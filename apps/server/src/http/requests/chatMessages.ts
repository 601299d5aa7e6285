/**
 * From the messages of a request to those of a chat template: texts only.
 */

import type { ChatMessage } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import type { ChatRequest } from "./chatRequest.ts";

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
