import { readFileSync } from "node:fs";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import {
  ByteTokenizer,
  CharacterTokenizer,
  type Tokenizer,
  tokenizerConfig,
  tokenizerFromJSON,
} from "@llm-learning/tokenizers";
import { describe, expect, test } from "vitest";

interface Recorded {
  document: unknown;
  vocabSize: number;
  encoded: { text: string; ids: number[] }[];
  decoded: { ids: number[]; text: string; textWithoutSpecialTokens: string }[];
}

/** What Hugging Face's Python library saves, encodes and decodes; written by make_hugging_face.py. */
const fixture: { corpus: string; sortedCharacters: string[]; tokenizers: Record<string, Recorded> } = JSON.parse(
  readFileSync(new URL("fixtures/hugging_face.json", import.meta.url), "utf8"),
);

const small = ["h", "e", "l", "o", " ", "안"];
const end = "<|endoftext|>";
const ours: Record<string, Tokenizer> = {
  character: CharacterTokenizer.fromText(fixture.corpus),
  characterWithSpecialToken: CharacterTokenizer.fromText(fixture.corpus, { specialTokens: [end] }),
  characterWithUnknown: CharacterTokenizer.fromCharacters(small, { unknown: "<unk>", specialTokens: [end] }),
  characterWithUnknownFirst: CharacterTokenizer.fromCharacters(["<unk>", end, ...small], {
    unknown: "<unk>",
    specialTokens: [end],
  }),
  byte: new ByteTokenizer(),
  byteWithSpecialTokens: new ByteTokenizer({ specialTokens: [end, "<|end"] }),
};

test("the vocabulary of a text is Python's sorted(set(text))", () => {
  const tokenizer = CharacterTokenizer.fromText(fixture.corpus);
  expect(Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id))).toEqual(
    fixture.sortedCharacters,
  );
});

test("every recorded tokenizer is compared", () => {
  expect(Object.keys(ours)).toEqual(Object.keys(fixture.tokenizers));
});

describe.each(Object.entries(fixture.tokenizers))("%s", (name, recorded) => {
  const made = ours[name];
  const read = tokenizerFromJSON(recorded.document);

  test("writes the document that Hugging Face's library saves", () => {
    expect(JSON.parse(JSON.stringify(made))).toEqual(recorded.document);
    expect(read.toJSON()).toEqual(made.toJSON());
  });

  test.each([
    ["made here", made],
    ["read from Hugging Face's document", read],
  ])("encodes and decodes as Hugging Face's library does (%s)", (_, tokenizer) => {
    expect(tokenizer.vocabSize).toBe(recorded.vocabSize);
    for (const { text, ids } of recorded.encoded) expect([...tokenizer.encode(text)]).toEqual(ids);
    for (const { ids, text, textWithoutSpecialTokens } of recorded.decoded) {
      expect(tokenizer.decode(ids)).toBe(text);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(textWithoutSpecialTokens);
    }
  });

  test("gives the same ids and text when Hugging Face's JavaScript library loads it", () => {
    const config = tokenizerConfig(made, { modelMaxLength: 64 });
    const theirs = new HuggingFaceTokenizer(JSON.parse(JSON.stringify(made)), JSON.parse(JSON.stringify(config)));
    for (const { text, ids } of recorded.encoded) {
      expect(theirs.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
      // Their decode refuses an empty list.
      if (ids.length > 0) expect(theirs.decode(ids, { skip_special_tokens: false })).toBe(made.decode(ids));
    }
  });
});
