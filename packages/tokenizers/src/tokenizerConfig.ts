/**
 * The `tokenizer_config.json` that stands beside `tokenizer.json` in a model directory: what transformers and
 * transformers.js need beyond the tokenizer itself.
 */

import { describe, quote } from "./describe.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Options of {@link tokenizerConfig}. */
export interface TokenizerConfigOptions {
  /** The longest sequence the model takes, in tokens: its blockSize. */
  readonly modelMaxLength: number;

  /**
   * The token that begins a text.
   *
   * @defaultValue `"<|endoftext|>"` if the tokenizer has that special token, as in GPT-2; otherwise none.
   */
  readonly bosToken?: string | undefined;

  /**
   * The token that ends a text.
   *
   * @defaultValue `"<|endoftext|>"` if the tokenizer has that special token, as in GPT-2; otherwise none.
   */
  readonly eosToken?: string | undefined;

  /**
   * The token that fills up the shorter texts of a batch, on their left.
   *
   * @defaultValue undefined
   */
  readonly padToken?: string | undefined;

  /**
   * A Jinja template that makes a prompt of the messages of a conversation.
   *
   * @defaultValue undefined
   */
  readonly chatTemplate?: string | undefined;
}

/** The content of a `tokenizer_config.json`. */
export interface TokenizerConfigJson {
  readonly tokenizer_class: "PreTrainedTokenizerFast";
  readonly model_max_length: number;
  readonly clean_up_tokenization_spaces: false;
  readonly model_input_names: readonly ["input_ids", "attention_mask"];
  readonly padding_side: "left";
  readonly added_tokens_decoder: Readonly<Record<string, AddedTokenConfigJson>>;
  readonly bos_token?: string;
  readonly eos_token?: string;
  readonly pad_token?: string;
  readonly unk_token?: string;
  readonly chat_template?: string;
}

/** An entry of `added_tokens_decoder`, under its id. */
export interface AddedTokenConfigJson {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/**
 * Makes the content of a `tokenizer_config.json`.
 *
 * `clean_up_tokenization_spaces` is false: when it is true or left out, some readers delete spaces before punctuation,
 * and decoding no longer gives the text back. `padding_side` is left, since a model that writes goes on from the right end of each row.
 * `model_input_names` is written because transformers 4 adds `token_type_ids` to it otherwise, which a GPT-2 takes for tokens.
 *
 * @param tokenizer - The tokenizer that goes into `tokenizer.json`.
 * @param options - The model's longest sequence, and the roles of special tokens.
 * @returns A fresh plain object, ready for `JSON.stringify`.
 * @throws RangeError if `modelMaxLength` is not a positive integer, or a role names no special token of `tokenizer`.
 */
export function tokenizerConfig(tokenizer: Tokenizer, options: TokenizerConfigOptions): TokenizerConfigJson {
  const { modelMaxLength, padToken, chatTemplate } = options;
  if (!Number.isSafeInteger(modelMaxLength) || modelMaxLength < 1) {
    throw new RangeError(
      `tokenizerConfig: expected modelMaxLength to be a positive integer, got ${describe(modelMaxLength)}`,
    );
  }
  const endOfText = tokenizer.specialTokens.has("<|endoftext|>") ? "<|endoftext|>" : undefined;
  const { bosToken = endOfText, eosToken = endOfText } = options;
  for (const [role, token] of Object.entries({ bosToken, eosToken, padToken })) {
    if (token !== undefined && !tokenizer.specialTokens.has(token)) {
      const known = [...tokenizer.specialTokens.keys()].map(quote).join(", ");
      throw new RangeError(
        `tokenizerConfig: expected ${role} to be a special token of the tokenizer (${known || "it has none"}), ` +
          `got ${describe(token)}`,
      );
    }
  }
  const { added_tokens, model } = tokenizer.toJSON();
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    model_max_length: modelMaxLength,
    clean_up_tokenization_spaces: false,
    model_input_names: ["input_ids", "attention_mask"],
    padding_side: "left",
    added_tokens_decoder: Object.fromEntries(added_tokens.map(({ id, ...token }) => [String(id), token])),
    ...(bosToken !== undefined && { bos_token: bosToken }),
    ...(eosToken !== undefined && { eos_token: eosToken }),
    ...(padToken !== undefined && { pad_token: padToken }),
    ...(model.unk_token !== null && { unk_token: model.unk_token }),
    ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
  };
}
