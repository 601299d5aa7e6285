import { CharacterTokenizer } from "@llm-learning/tokenizers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("CharacterTokenizer", () => {
  test("numbers the characters of a text in code point order, not in UTF-16 order", () => {
    // U+FF21 sorts before U+1F600 by code point and after its first surrogate by UTF-16 unit.
    const tokenizer = CharacterTokenizer.fromText("😀Ａa\n");
    expect([...tokenizer.encode("\naＡ😀")]).toEqual([0, 1, 2, 3]);
  });

  test("keeps the given order of characters", () => {
    const tokenizer = CharacterTokenizer.fromCharacters(".cab");
    expect([...tokenizer.encode("abc.")]).toEqual([2, 3, 1, 0]);
    expect(tokenizer.tokenToId("b")).toBe(3);
    expect(tokenizer.tokenToId("z")).toBeUndefined();
    expect(tokenizer.idToToken(0)).toBe(".");
  });

  test("makes the same vocabulary of a text and of its pieces, wherever they are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.nat(), (text, at) => {
        const cut = at % (text.length + 1);
        const whole = CharacterTokenizer.fromText(text);
        const pieces = CharacterTokenizer.fromText([text.slice(0, cut), "", text.slice(cut)]);
        expect(pieces.toJSON()).toEqual(whole.toJSON());
      }),
    );
  });

  test("gives back any text without lone surrogates, one id per code point", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const tokenizer = CharacterTokenizer.fromText(text);
        const ids = tokenizer.encode(text);
        expect(ids.length).toBe([...text].length);
        expect(tokenizer.decode(ids)).toBe(text);
        const stream = tokenizer.decodeStream();
        expect([...ids].map((id) => stream.push(id)).join("") + stream.end()).toBe(text);
      }),
    );
  });

  test("decodes texts longer than its buffer, with tokens longer than it too", () => {
    const long = "x".repeat(5000);
    const tokenizer = CharacterTokenizer.fromText("ab😀", { specialTokens: [long] });
    const text = "a😀b".repeat(3333) + long + "ab";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test("reads a lone surrogate as U+FFFD", () => {
    const tokenizer = CharacterTokenizer.fromText("a\uD800\uDC00\uDC00");
    expect(tokenizer.vocabSize).toBe(3);
    expect([...tokenizer.encode("\uDFFFa\uD800")]).toEqual([1, 0, 1]);
    expect([...CharacterTokenizer.fromText(["a", "\uD83D", "b"]).encode("\uFFFD")]).toEqual([2]);
    expect(() => CharacterTokenizer.fromText("a").encode("a\uD800")).toThrow(
      '"\\ud800" (U+D800, a lone surrogate) at index 1',
    );
  });

  test("rejects a character outside the vocabulary with its name, code point, place and remedies", () => {
    expect(() => CharacterTokenizer.fromText("hello").encode("hel😀")).toThrow(
      new RangeError(
        "CharacterTokenizer.encode: expected characters of the vocabulary (vocabSize 4), got " +
          '"😀" (U+1F600) at index 3; add it to the characters, pass unknown: "<unk>" when making the tokenizer, ' +
          "or list all such with unknownCharacters(text)",
      ),
    );
  });

  test("gives the unknown token's id for characters outside the vocabulary", () => {
    const tokenizer = CharacterTokenizer.fromText("ab", { unknown: "<unk>" });
    expect([...tokenizer.encode("a😀b\uD800é")]).toEqual([0, 2, 1, 2, 2]);
    expect(tokenizer.decode([0, 2, 1])).toBe("a<unk>b");
    expect(tokenizer.decode([0, 2, 1], { skipSpecialTokens: true })).toBe("ab");
    expect(CharacterTokenizer.fromText("a?", { unknown: "?" }).encode("aé")).toEqual(Uint32Array.of(1, 0));
  });

  test("counts the unknown characters of a text in code point order", () => {
    const tokenizer = CharacterTokenizer.fromText("helo");
    expect([...tokenizer.unknownCharacters("héllo 😀é\uD800")]).toEqual([
      [" ", 1],
      ["é", 2],
      ["\uFFFD", 1],
      ["😀", 1],
    ]);
  });

  test("leaves a special token that is a character of the text at its place", () => {
    const tokenizer = CharacterTokenizer.fromText(".emma.", { specialTokens: [".", "<pad>"] });
    expect([...tokenizer.specialTokens]).toEqual([
      [".", 0],
      ["<pad>", 4],
    ]);
    expect(tokenizer.decode(tokenizer.encode(".emma."), { skipSpecialTokens: true })).toBe("emma");
  });

  test.each<[string, () => unknown, new (message: string) => Error, string]>([
    [
      "no characters",
      () => CharacterTokenizer.fromText(""),
      RangeError,
      "CharacterTokenizer.fromText: expected at least one character, got none",
    ],
    [
      "no text",
      () => CharacterTokenizer.fromText(undefined as never),
      TypeError,
      "CharacterTokenizer.fromText: expected a string or an iterable of strings, got nothing",
    ],
    [
      "pieces that are no strings",
      () => CharacterTokenizer.fromText([5] as never),
      TypeError,
      "CharacterTokenizer.fromText: expected an iterable of strings, got 5 in it",
    ],
    [
      "characters that are no list",
      () => CharacterTokenizer.fromCharacters(5 as never),
      TypeError,
      "CharacterTokenizer.fromCharacters: expected a string or an iterable of characters, got 5",
    ],
    [
      "a repeated character",
      () => CharacterTokenizer.fromCharacters("aba"),
      RangeError,
      'CharacterTokenizer.fromCharacters: expected distinct characters, got "a" twice',
    ],
    [
      "a word",
      () => CharacterTokenizer.fromCharacters(["a", "bc"]),
      RangeError,
      'CharacterTokenizer.fromCharacters: expected single characters (code points), got "bc"',
    ],
    [
      "a lone surrogate",
      () => CharacterTokenizer.fromCharacters("\uD800"),
      RangeError,
      'CharacterTokenizer.fromCharacters: expected single characters (code points), got "\\ud800"',
    ],
    [
      "an empty special token",
      () => CharacterTokenizer.fromText("a", { specialTokens: [""] }),
      RangeError,
      'CharacterTokenizer.fromText: expected a special token of at least one character, got ""',
    ],
    [
      "a special token that is no string",
      () => CharacterTokenizer.fromText("a", { unknown: 5 as never }),
      TypeError,
      "CharacterTokenizer.fromText: expected a special token to be a string, got 5",
    ],
    [
      "a text that is no string",
      () => CharacterTokenizer.fromText("a").encode(5 as never),
      TypeError,
      "CharacterTokenizer.encode: expected a string, got 5",
    ],
    [
      "an id too large",
      () => CharacterTokenizer.fromText("ab").decode([0, 2]),
      RangeError,
      "CharacterTokenizer.decode: expected an integer id from 0 to 1 (vocabSize 2), got 2",
    ],
    [
      "a negative id",
      () => CharacterTokenizer.fromText("ab").idToToken(-1),
      RangeError,
      "CharacterTokenizer.idToToken: expected an integer id from 0 to 1 (vocabSize 2), got -1",
    ],
    [
      "a fractional id",
      () => CharacterTokenizer.fromText("ab").decodeStream().push(0.5),
      RangeError,
      "DecodeStream.push: expected an integer id from 0 to 1 (vocabSize 2), got 0.5",
    ],
    [
      "no ids",
      () => CharacterTokenizer.fromText("ab").decode("0" as never),
      TypeError,
      'CharacterTokenizer.decode: expected an array or iterable of ids, got "0"',
    ],
    [
      "a bigint id",
      () => CharacterTokenizer.fromText("ab").decode([1n] as never),
      TypeError,
      "CharacterTokenizer.decode: expected ids of type number, got the bigint 1n; convert with Number(id)",
    ],
  ])("rejects %s", (_, call, type, message) => {
    expect(call).toThrow(new type(message));
  });
});
