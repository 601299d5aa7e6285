import { CharacterTokenizer } from "@llm-learning/tokenizers";
import { cl100k_base } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { describe, expect, it } from "vitest";
import { LibraryTokenizer } from "../../src/tokenizer/libraryTokenizer.ts";
import { placesOf } from "../../src/tokenizer/placesOf.ts";
import { placeUnits } from "../../src/tokenizer/textTokenizer.ts";

describe("places of tokens in a text", () => {
  it.each(placeUnits)("in %s are those that the encoding gives itself", (unit) => {
    const text = "Hello, 안녕하세요 👩‍👩‍👧 ünï\ud83d\ude42cöde\n\n  漢字";
    const { ids, offsets, ends } = cl100k_base.encodeWithOffsets(text, { unit });
    const lengths = cl100k_base.decodeTokensBytes(ids).map(({ length }) => length);
    expect(placesOf(text, lengths, unit)).toEqual({ starts: offsets, ends });
  });

  it("of unknown characters are those of the characters", () => {
    const characters = CharacterTokenizer.fromText("abc", { unknown: "<unk>" });
    const { ids, starts, ends } = new LibraryTokenizer(characters).encodeWithPlaces(
      "a漢b<unk>🙂c",
      { specialTokens: "match", addsSpecialTokens: false },
      "byte",
    );
    expect([...ids]).toEqual(
      [..."a?b??c"].map((c) => (c === "?" ? characters.tokenToId("<unk>") : characters.tokenToId(c))),
    );
    expect([...starts]).toEqual([0, 1, 4, 5, 10, 14]);
    expect([...ends]).toEqual([1, 4, 5, 10, 14, 15]);
  });
});
