import { ByteTokenizer } from "@llm-learning/tokenizers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("ByteTokenizer", () => {
  const plain = new ByteTokenizer();
  const special = new ByteTokenizer({ specialTokens: ["<|endoftext|>", "<|end"] });

  test("ids are the bytes of UTF-8", () => {
    // "é" is C3 A9 and "안" is EC 95 88.
    expect([...plain.encode("a é안")]).toEqual([0x61, 0x20, 0xc3, 0xa9, 0xec, 0x95, 0x88]);
    expect(plain.vocabSize).toBe(256);
    expect(plain.encode("")).toEqual(new Uint32Array(0));
  });

  test("names bytes as GPT-2 does", () => {
    expect([97, 32, 10, 0, 173, 255].map((id) => plain.idToToken(id))).toEqual(["a", "Ġ", "Ċ", "Ā", "Ń", "ÿ"]);
    expect(plain.tokenToId("Ġ")).toBe(32);
    expect(plain.tokenToId(" ")).toBeUndefined();
  });

  test("gives back any text without lone surrogates", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plain.decode(plain.encode(text))).toBe(text);
      }),
    );
  });

  test("gives back any text made of special tokens and their parts, whichever way they are read", () => {
    const part = fc.constantFrom("<|endoftext|>", "<|end", "<|", "oftext|>", "é", "😀");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join("");
        expect(special.decode(special.encode(text))).toBe(text);
        expect(special.encode(text, { specialTokens: "text" })).toEqual(plain.encode(text));
      }),
    );
  });

  test("a stream of any ids gives the text of decode, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 257 })), fc.boolean(), (ids, skipSpecialTokens) => {
        const stream = special.decodeStream({ skipSpecialTokens });
        const text = ids.map((id) => stream.push(id)).join("") + stream.end();
        expect(text).toBe(special.decode(ids, { skipSpecialTokens }));
      }),
    );
  });

  test("a stream of any text emits whole characters only", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const stream = plain.decodeStream();
        const pieces = [...plain.encode(text)].map((id) => stream.push(id)).filter((piece) => piece !== "");
        expect(pieces).toEqual([...text]);
        expect(stream.end()).toBe("");
      }),
    );
  });

  test("streams share no state, and end makes one ready again", () => {
    const [first, second] = [plain.decodeStream(), plain.decodeStream()];
    expect([first.push(0xc3), second.push(0x61), first.push(0xa9)]).toEqual(["", "a", "é"]);
    expect([first.push(0xc3), first.end(), first.push(0xa9), first.push(0x61)]).toEqual(["", "\uFFFD", "\uFFFD", "a"]);
  });

  test("a bad id leaves a stream as it was", () => {
    const stream = plain.decodeStream();
    stream.push(0xc3);
    expect(() => stream.push(256)).toThrow(
      new RangeError("DecodeStream.push: expected an integer id from 0 to 255 (vocabSize 256), got 256"),
    );
    expect(stream.push(0xa9)).toBe("é");
  });

  test("decodes arrays, typed arrays, array-likes and iterables, longer than its buffer", () => {
    const text = "안녕 ".repeat(10_000);
    const ids = plain.encode(text);
    expect(plain.decode(ids)).toBe(text);
    expect(plain.decode([...ids])).toBe(text);
    expect(plain.decode(new Set([104, 105]))).toBe("hi");
    expect(plain.decode({ length: 2, 0: 104, 1: 105 })).toBe("hi");
  });

  test("reads lone surrogates as U+FFFD", () => {
    expect(plain.decode(plain.encode("a\uD800b\uDC00"))).toBe("a\uFFFDb\uFFFD");
  });

  test("keeps a byte order mark", () => {
    expect(plain.decode(plain.encode("\uFEFFa"))).toBe("\uFEFFa");
  });

  test("finds special tokens leftmost and longest first, or as the caller asks", () => {
    expect([...special.encode("<|endoftext|><|end<")]).toEqual([256, 257, 60]);
    expect([...special.encode("<|end", { specialTokens: "text" })]).toEqual([60, 124, 101, 110, 100]);
    expect([...special.encode("<|en", { specialTokens: "error" })]).toEqual([60, 124, 101, 110]);
    expect(() => special.encode("a<|endoftext|>", { specialTokens: "error" })).toThrow(
      new RangeError(
        'ByteTokenizer.encode: expected text without special tokens, got "<|endoftext|>" at index 1; pass ' +
          'specialTokens: "match" to encode it as the special token, or "text" as ordinary text',
      ),
    );
    // The failed call before leaves nothing behind.
    expect([...special.encode("<|end")]).toEqual([257]);
  });

  test("finds special tokens with characters that mean something in patterns, or lie beyond U+FFFF", () => {
    const tokens = ["]", "^-", "\\d", "[a-z]+", "😀!", "$"].filter((token) => token.length > 1);
    const tokenizer = new ByteTokenizer({ specialTokens: tokens });
    expect([...tokenizer.encode(tokens.join(""))]).toEqual(tokens.map((_, i) => 256 + i));
    expect(tokenizer.encode("b5\uDE00!").some((id) => id > 255)).toBe(false);
  });

  test.each<[string, () => unknown, new (message: string) => Error, string]>([
    [
      "a text that is no string",
      () => plain.encode(null as never),
      TypeError,
      "ByteTokenizer.encode: expected a string, got null",
    ],
    [
      "an id too large",
      () => plain.decode([256]),
      RangeError,
      "ByteTokenizer.decode: expected an integer id from 0 to 255 (vocabSize 256), got 256",
    ],
    [
      "NaN",
      () => plain.decode([Number.NaN]),
      RangeError,
      "ByteTokenizer.decode: expected an integer id from 0 to 255 (vocabSize 256), got NaN",
    ],
    [
      "a special token that is a byte's symbol",
      () => new ByteTokenizer({ specialTokens: ["Ġ"] }),
      RangeError,
      'ByteTokenizer: expected special tokens unlike the byte symbols, got "Ġ", which is byte 32',
    ],
    [
      "a repeated special token",
      () => new ByteTokenizer({ specialTokens: ["<s>", "<s>"] }),
      RangeError,
      'ByteTokenizer: expected distinct special tokens, got "<s>" twice',
    ],
    [
      "special tokens that are no list",
      () => new ByteTokenizer({ specialTokens: "<s>" as never }),
      TypeError,
      'ByteTokenizer: expected specialTokens to be an array of strings, got "<s>"',
    ],
    [
      "a lone surrogate in a special token",
      () => new ByteTokenizer({ specialTokens: ["<\uDC00>"] }),
      RangeError,
      'ByteTokenizer: expected a special token without lone surrogates, got "<\\udc00>"',
    ],
    [
      "an unknown treatment of special tokens",
      () => plain.encode("a", { specialTokens: "none" as never }),
      RangeError,
      'ByteTokenizer.encode: expected specialTokens "match", "text" or "error", got "none"',
    ],
    [
      "a token that is no string",
      () => plain.tokenToId(5 as never),
      TypeError,
      "ByteTokenizer.tokenToId: expected a string, got 5",
    ],
  ])("rejects %s", (_, call, type, message) => {
    expect(call).toThrow(new type(message));
  });
});
