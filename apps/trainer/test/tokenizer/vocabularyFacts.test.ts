import { cl100k_base } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { BpeTokenizer } from "@llm-learning/tokenizers";
import { describe, expect, it } from "vitest";
import { HuggingFaceTokenizer } from "../../src/tokenizer/huggingFaceTokenizer.ts";
import { LibraryTokenizer } from "../../src/tokenizer/libraryTokenizer.ts";
import { vocabularyFacts } from "../../src/tokenizer/vocabularyFacts.ts";

describe("the facts of a vocabulary", () => {
  it("count tokens by their length, and leave out the ids that have none", () => {
    const facts = vocabularyFacts(new LibraryTokenizer(new BpeTokenizer(cl100k_base)), 1);
    expect(facts).toMatchObject({ vocabSize: 100_277, tokens: 100_261, last: [{ id: 100_255, text: " Conveyor" }] });
    expect(facts.longest).toEqual([{ id: 58_040, bytes: 128, token: "Ġ".repeat(128), text: " ".repeat(128) }]);
    expect(facts.lengths[0]).toEqual({ bytes: 1, tokens: 256 });
    expect(facts.lengths.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(100_256);
  });

  it("take no longer where a file gives few tokens large ids", () => {
    const model = { type: "WordLevel", vocab: { "[UNK]": 0, men: 2_000_000_000 }, unk_token: "[UNK]" };
    const tokenizer = new HuggingFaceTokenizer({ version: "1.0", added_tokens: [], model });
    const facts = vocabularyFacts(tokenizer, 1);
    expect(facts).toMatchObject({ vocabSize: 2_000_000_001, tokens: 2, last: [{ id: 2_000_000_000, text: "men" }] });
  });
});
