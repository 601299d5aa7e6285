/**
 * Which tokens begin, end and pad a text, and how a conversation is written down: what every reader of a model directory asks besides
 * the weights. A model of ours has them from its tokenizer; one that was imported keeps those that it came with.
 */

import { boundaryToken } from "@llm-learning/datasets";
import { isCausalLM, type LanguageModel } from "@llm-learning/models";
import type { Tokenizer } from "@llm-learning/tokenizers";
import { canWriteTranscripts, transcriptTemplate } from "./chatTemplate.ts";

/** The special tokens of a tokenizer that have a role, as they are spelled. */
export interface TokenRoles {
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
  readonly padToken?: string | undefined;
}

/** What is agreed about the texts of a model. */
export interface TextConventions {
  /** The token that begins a text; null where none does. */
  readonly bosTokenId: number | null;
  /** The tokens that end a text; some chat models have several. */
  readonly eosTokenIds: readonly number[];
  /** The token that fills up the shorter texts of a batch; null where none is free for it. */
  readonly padTokenId: number | null;
  readonly roles: TokenRoles;
  /** Keys of `generation_config.json` besides those above. */
  readonly generation: Readonly<Record<string, unknown>>;
  /** A Jinja template that makes a prompt of messages; undefined where the model has none. */
  readonly chatTemplate?: string | undefined;
}

/** What the conventions of an exported model follow from. */
export interface ConventionSource {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly lines: boolean;
  /** Those that the model came with. */
  readonly given?: TextConventions | undefined;
}

/** The conventions of an exported model: a decoder of texts without a form of its own for conversations writes transcripts. */
export function conventionsOf({ model, tokenizer, lines, given }: ConventionSource): TextConventions {
  const conventions = given ?? ownConventions(tokenizer, { lines });
  const canChat = !lines && isCausalLM(model) && canWriteTranscripts(tokenizer);
  return { ...conventions, chatTemplate: conventions.chatTemplate ?? (canChat ? transcriptTemplate : undefined) };
}

/**
 * The conventions of a model that was trained here: `<|endoftext|>` begins, ends and pads a text where the tokenizer has it, as in GPT-2;
 * of lines the boundary between them does, which is no special token.
 */
export function ownConventions(tokenizer: Tokenizer, { lines }: { lines: boolean }): TextConventions {
  const token = tokenizer.specialTokens.has(endOfText) ? endOfText : undefined;
  const id = lines ? boundaryToken(tokenizer) : (tokenizer.specialTokens.get(endOfText) ?? null);
  return {
    bosTokenId: id,
    eosTokenIds: id === null ? [] : [id],
    padTokenId: id,
    roles: { bosToken: token, eosToken: token, padToken: token },
    generation: { do_sample: false },
  };
}

/** The special token of the texts of GPT-2. */
const endOfText = "<|endoftext|>";

/** The ids under the keys of `config.json` and `generation_config.json`. */
export function tokenIdKeys({ bosTokenId, eosTokenIds, padTokenId }: TextConventions): {
  bos_token_id: number | null;
  eos_token_id: number | readonly number[] | null;
  pad_token_id: number | null;
} {
  const [first = null] = eosTokenIds;
  return {
    bos_token_id: bosTokenId,
    eos_token_id: eosTokenIds.length > 1 ? eosTokenIds : first,
    pad_token_id: padTokenId,
  };
}

/**
 * The content of `generation_config.json`: the best token each time, unless the model came with something else. No length is in it:
 * transformers warns of one beside the `max_new_tokens` of its callers.
 */
export function generationConfig(conventions: TextConventions): Record<string, unknown> {
  const ids = Object.entries(tokenIdKeys(conventions)).filter(([, id]) => id !== null);
  return { ...conventions.generation, ...Object.fromEntries(ids) };
}
