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

/** A part of a rendered conversation. */
interface Part {
  readonly text: string;
  readonly isTemplate: boolean;
}

/** Characters for private use, around the number of a message. */
const markPattern = /\uE000(\d+)\uE001/;

/** @throws HttpError where the template refuses the conversation, and for what does not fit the context. */
export async function chatPrompt(
  model: ServedModel,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): Promise<Prompt> {
  const text = await rendered(model, messages, addGenerationPrompt);
  checkTextLength(model, text);
  return begun(model, {
    tokens: await encoded(model, { text, messages, addGenerationPrompt }),
    text,
    beginning: true,
  });
}

async function rendered(
  { chatTemplate }: ServedModel,
  messages: readonly ChatMessage[],
  addGenerationPrompt: boolean,
): Promise<string> {
  try {
    return await chatTemplate.render(messages, addGenerationPrompt);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HttpError(400, `messages: ${error.message}`, { param: "messages" });
  }
}

async function encoded(
  model: ServedModel,
  {
    text,
    messages,
    addGenerationPrompt,
  }: { text: string; messages: readonly ChatMessage[]; addGenerationPrompt: boolean },
): Promise<number[]> {
  const { tokenizer } = model;
  if (tokenizer.specialTokens.size === 0) return encodedText(tokenizer, text);
  const marked = messages.map((message, index) => {
    return message.content === "" ? message : { ...message, content: `\uE000${index}\uE001` };
  });
  const outline = await rendered(model, marked, addGenerationPrompt);
  if (String(specialSpellings(tokenizer, text)) === String(specialSpellings(tokenizer, outline))) {
    return encodedText(tokenizer, text);
  }
  const parts = partsOf({ text, outline, messages });
  if (parts !== undefined) return encodedParts(tokenizer, parts);
  throw new HttpError(400, "messages: expected contents without the spelling of the model's special tokens", {
    param: "messages",
  });
}

/** Takes a text apart along its outline; undefined where the template changed a content by more than trimming it. */
function partsOf({
  text,
  outline,
  messages,
}: {
  text: string;
  outline: string;
  messages: readonly ChatMessage[];
}): Part[] | undefined {
  const pieces = outline.split(markPattern);
  if (!text.startsWith(pieces[0])) return undefined;
  const parts: Part[] = [{ text: pieces[0], isTemplate: true }];
  let at = pieces[0].length;
  for (let piece = 1; piece < pieces.length; piece += 2) {
    const { content } = messages[Number(pieces[piece])];
    const template = pieces[piece + 1];
    const forms = [content, content.trim(), content.trimStart(), content.trimEnd()];
    const shown = forms.find((form) => text.startsWith(form, at) && text.startsWith(template, at + form.length));
    if (shown === undefined) return undefined;
    parts.push({ text: shown, isTemplate: false }, { text: template, isTemplate: true });
    at += shown.length + template.length;
  }
  return at === text.length ? parts : undefined;
}

/** Special tokens of the template's parts, and between them text that is encoded in one piece. */
function encodedParts(tokenizer: Tokenizer, parts: readonly Part[]): number[] {
  const tokens: number[] = [];
  let pending = "";
  const flush = (): void => {
    tokens.push(...encodedText(tokenizer, pending, { specialTokens: "text" }));
    pending = "";
  };
  for (const { text, isTemplate } of parts) {
    if (!isTemplate) {
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

function specialSpellings(tokenizer: Tokenizer, text: string): string[] {
  return text.match(new RegExp(specialPattern(tokenizer), "g")) ?? [];
}

/** Matches special tokens as tokenizers do: leftmost first, and of those the longest. */
function specialPattern({ specialTokens }: Tokenizer): string {
  const spellings = [...specialTokens.keys()].toSorted((a, b) => b.length - a.length);
  return spellings.map((spelling) => spelling.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join("|");
}
