import { ByteTokenizer, CharacterTokenizer, parseTokenizer } from "@llm-learning/tokenizers";
import { expect, test } from "vitest";
import { mutateJson } from "./mutate.ts";

const files = {
  characters: JSON.stringify(CharacterTokenizer.fromText("hello w\u00f6rld \u{1f600}", { unknown: "<unk>" })),
  bytes: JSON.stringify(new ByteTokenizer({ specialTokens: ["<|endoftext|>"] })),
};

test.each(Object.entries(files))("damaged files of %s give an error or a tokenizer that works", (_, file) => {
  let works = 0;
  for (let seed = 0; seed < 1000; seed++) {
    try {
      const tokenizer = parseTokenizer(mutateJson(file, seed));
      tokenizer.decode(tokenizer.encode(tokenizer.idToToken(tokenizer.vocabSize - 1)));
      works++;
    } catch (error) {
      expect((error as Error).message, `seed ${seed}`).toMatch(/^\w[\w.]*: expected /);
    }
  }
  expect(works).toBeGreaterThan(10);
});
