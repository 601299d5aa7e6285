import { ByteTokenizer, CharacterTokenizer, tokenizerConfig } from "@llm-learning/tokenizers";
import { describe, expect, test } from "vitest";

const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };

describe("tokenizerConfig", () => {
  test("names the class, the length, the inputs of a model, padding on the left and no clean-up", () => {
    expect(tokenizerConfig(CharacterTokenizer.fromText("ab"), { modelMaxLength: 64 })).toEqual({
      tokenizer_class: "PreTrainedTokenizerFast",
      model_max_length: 64,
      clean_up_tokenization_spaces: false,
      model_input_names: ["input_ids", "attention_mask"],
      padding_side: "left",
      added_tokens_decoder: {},
    });
  });

  test("begins and ends texts with <|endoftext|> where there is one, as GPT-2", () => {
    const config = tokenizerConfig(new ByteTokenizer({ specialTokens: ["<|endoftext|>"] }), { modelMaxLength: 8 });
    expect(config.bos_token).toBe("<|endoftext|>");
    expect(config.eos_token).toBe("<|endoftext|>");
    expect(config.added_tokens_decoder).toEqual({ "256": { content: "<|endoftext|>", ...flags } });
  });

  test("writes the roles it is given, and the unknown token", () => {
    const tokenizer = CharacterTokenizer.fromText("ab", { unknown: "<unk>", specialTokens: ["<s>", "</s>", "<pad>"] });
    const config = tokenizerConfig(tokenizer, {
      modelMaxLength: 8,
      bosToken: "<s>",
      eosToken: "</s>",
      padToken: "<pad>",
    });
    expect(config).toMatchObject({ bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>", unk_token: "<unk>" });
    expect(Object.keys(config.added_tokens_decoder)).toEqual(["2", "3", "4", "5"]);
  });

  test("holds the template of conversations", () => {
    const chatTemplate = "{% for message in messages %}{{ message.content }}{% endfor %}";
    expect(tokenizerConfig(new ByteTokenizer(), { modelMaxLength: 8, chatTemplate }).chat_template).toBe(chatTemplate);
  });

  test.each([0, -1, 1.5, Number.NaN, "8"])("refuses %s as modelMaxLength", (modelMaxLength) => {
    expect(() => tokenizerConfig(new ByteTokenizer(), { modelMaxLength: modelMaxLength as number })).toThrow(
      /^tokenizerConfig: expected modelMaxLength to be a positive integer, got /,
    );
  });

  test("refuses a role for a token that is not special", () => {
    const tokenizer = CharacterTokenizer.fromText("ab", { specialTokens: ["<s>"] });
    expect(() => tokenizerConfig(tokenizer, { modelMaxLength: 8, eosToken: "a" })).toThrow(
      new RangeError('tokenizerConfig: expected eosToken to be a special token of the tokenizer ("<s>"), got "a"'),
    );
  });
});
