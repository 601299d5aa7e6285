import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { describe, expect, test } from "vitest";
import { mutated, randomFrom } from "./mutations.ts";
import { recorded } from "./recorded.ts";

const texts = ["", "hello world", " Émile 안녕 1234 <s>", "a".repeat(2000), "\u0301\u200d😀\r\n\u0000"];

describe.each(Object.entries(recorded))("%s", (_name, { document }) => {
  test("1,000 damaged documents work or are refused in words", () => {
    const random = randomFrom(1);
    for (let i = 0; i < 1000; i++) {
      const damaged = mutated(document, random);
      try {
        const tokenizer = Tokenizer.fromJSON(damaged);
        for (const text of texts) {
          const { ids, offsets, tokens } = tokenizer.encode({ text, pair: "b c" });
          expect(offsets.length + tokens.length).toBe(2 * ids.length);
          tokenizer.decode(ids);
        }
        Tokenizer.fromJSON(JSON.stringify(tokenizer));
      } catch (error) {
        expect(String(error)).toMatch(/^(RangeError|TypeError): Tokenizer\.[a-zA-Z]+: expected /);
      }
    }
  });
});
