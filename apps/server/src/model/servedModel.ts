/**
 * A model as the routes see it: an engine, and what it takes to turn texts and conversations into its tokens.
 */

import type { Tokenizer } from "@llm-learning/tokenizers";
import type { AttentionReader } from "../attention/attention.ts";
import type { Choice, Engine } from "../engine/engine.ts";

/** A message of a conversation, as chat templates take it: text only. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly name?: string | undefined;
}

/** Makes a prompt of a conversation; the template is the model's own, never the caller's. */
export interface ChatTemplate {
  /** Strings that end an answer besides the stop ids: "\nUser:" where the model never learned to end one. @defaultValue none */
  readonly stops?: readonly string[];
  /**
   * @param messages - At least one.
   * @param addGenerationPrompt - Whether the beginning of the assistant's answer ends the prompt.
   * @throws RangeError with the template's own words where it refuses the conversation.
   */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): Promise<string>;
}

export interface ServedModel {
  /** The name that requests call it by. */
  readonly id: string;
  /** Seconds since 1970 at which it was exported. */
  readonly created: number;
  readonly engine: Engine;
  /** Tells where the model looked; absent where it was exported without its attention. */
  readonly attention?: AttentionReader | undefined;
  readonly tokenizer: Tokenizer;
  /** The token that begins every text, where one does. */
  readonly beginId: number | undefined;
  /** The tokens that end a text. */
  readonly stopIds: readonly number[];
  readonly chatTemplate: ChatTemplate;
  /** How tokens are chosen where a request does not say: the model's `generation_config.json`, else OpenAI's defaults. */
  readonly defaults: Choice;
}
