/**
 * From a conversation to the tokens of a prompt, so that what people write cannot pass for what the template writes.
 *
 * A template marks turns by special tokens. Text with the same spelling in a message must stay text: else a message ends its own turn
 * and begins one of the system's. So the template is rendered a second time with marks in place of the contents; the special tokens
 * of that outline are the template's, and all others are text. (Hugging Face's `apply_chat_template` and vLLM take all of them for
 * special tokens.) Where no content spells one, the text is encoded in one piece, as there.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { ChatMessage, ServedModel } from "../../model/servedModel.ts";
import { HttpError } from "../errors.ts";
import { begun, checkTextLength, encodedText, type Prompt } from "./promptTokens.ts";

/** A conversation, and what comes after its last message. */
export interface Conversation {
  /** At least one. */
  readonly messages: readonly ChatMessage[];
  /** Whether the beginning of the assistant's answer ends the prompt. */
  readonly addGenerationPrompt: boolean;
  /** Whether the prompt ends in the middle of the last message, which the answer then continues. */
  readonly continuesLast: boolean;
}

/** A part of a rendered conversation: of the content of a message, or of the template. */
interface Part {
  readonly text: string;
  readonly message: number | undefined;
}

/** Characters for private use, around the number of a message. */
const markPattern = /\uE000(\d+)\uE001/;

/** @throws HttpError where the template refuses the conversation, and for what does not fit the context. */
export async function chatPrompt(model: ServedModel, conversation: Conversation): Promise<Prompt> {
  const { tokenizer } = model;
  const whole = await rendered(model, conversation);
  checkTextLength(model, whole);
  if (tokenizer.specialTokens.size === 0 && !conversation.continuesLast) {
    return begun(model, { tokens: encodedText(tokenizer, whole), text: whole, beginning: true });
  }
  const outline = await rendered(model, { ...conversation, messages: marked(conversation.messages) });
  const parts = partsOf({ whole, outline, conversation });
  const text = parts?.map((part) => part.text).join("") ?? whole;
  const isHonest = String(specialsIn(tokenizer, whole)) === String(specialsIn(tokenizer, outline));
  if (parts === undefined && (!isHonest || conversation.continuesLast)) {
    const because = isHonest ? "an assistant's last message to be continued" : "no spelling of special tokens";
    throw new HttpError(400, `messages: expected ${because}, which this model's template does not let be told apart`, {
      param: "messages",
    });
  }
  const tokens = parts === undefined || isHonest ? encodedText(tokenizer, text) : encodedParts(tokenizer, parts);
  return begun(model, { tokens, text, beginning: true });
}

async function rendered(
  { chatTemplate }: ServedModel,
  { messages, addGenerationPrompt, continuesLast }: Conversation,
): Promise<string> {
  try {
    return await chatTemplate.render(messages, addGenerationPrompt && !continuesLast);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpError(400, `messages: ${error.message}`, { param: "messages" });
  }
}

/** Messages with marks in place of contents; an empty one stays empty, since templates ask. */
function marked(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message, index) => {
    return message.content === "" ? message : { ...message, content: `\uE000${index}\uE001` };
  });
}

/** Takes a text apart along its outline; undefined where the template changed a content by more than trimming it. */
function partsOf({
  whole,
  outline,
  conversation: { messages, continuesLast },
}: {
  whole: string;
  outline: string;
  conversation: Conversation;
}): Part[] | undefined {
  const [opening, ...pieces] = outline.split(markPattern);
  if (!whole.startsWith(opening)) return undefined;
  const parts: Part[] = [{ text: opening, message: undefined }];
  let at = opening.length;
  for (let piece = 0; piece < pieces.length; piece += 2) {
    const message = Number(pieces[piece]);
    const template = pieces[piece + 1];
    const { content } = messages[message];
    const forms = [content, content.trim(), content.trimStart(), content.trimEnd()];
    const shown = forms.find((form) => whole.startsWith(form, at) && whole.startsWith(template, at + form.length));
    if (shown === undefined) return undefined;
    parts.push({ text: shown, message }, { text: template, message: undefined });
    at += shown.length + template.length;
  }
  if (at !== whole.length) return undefined;
  if (!continuesLast) return parts;
  const last = parts.findIndex(({ message }) => message === messages.length - 1);
  return last < 0 ? undefined : parts.slice(0, last + 1);
}

/** Special tokens of the template's parts, and between them text that is encoded in one piece. */
function encodedParts(tokenizer: Tokenizer, parts: readonly Part[]): number[] {
  const tokens: number[] = [];
  let pending = "";
  const flush = (): void => {
    // Token by token: the arguments of a call have a limit that a long text exceeds.
    for (const token of encodedText(tokenizer, pending, { specialTokens: "text" })) tokens.push(token);
    pending = "";
  };
  for (const { text, message } of parts) {
    if (message !== undefined) {
      pending += text;
      continue;
    }
    for (const piece of text.split(new RegExp(`(${specialPattern(tokenizer)})`))) {
      const id = tokenizer.specialTokens.get(piece);
      if (id === undefined) {
        pending += piece;
        continue;
      }
      flush();
      tokens.push(id);
    }
  }
  flush();
  return tokens;
}

function specialsIn(tokenizer: Tokenizer, text: string): string[] {
  return text.match(new RegExp(specialPattern(tokenizer), "g")) ?? [];
}

/** Matches special tokens as tokenizers do: leftmost first, and of those the longest. */
function specialPattern({ specialTokens }: Tokenizer): string {
  const spellings = [...specialTokens.keys()].toSorted((a, b) => b.length - a.length);
  return spellings.map((spelling) => spelling.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|");
}
