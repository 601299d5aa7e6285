// Arguments of the wrong type, and vocabularies out of the ordinary.
import { Encoding, parseTiktoken } from "@llm-learning/tokenizers/tiktoken";
import { cl100k_base as cl100k } from "@llm-learning/tokenizers/tiktoken/cl100k_base";
import { describe, expect, test } from "vitest";

const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const utf8 = (text: string) => new TextEncoder().encode(text);
const own = (ranks: readonly (Uint8Array | undefined)[], specialTokens = {}) =>
  new Encoding({ name: "own", pattern: "r50k_base", ranks, specialTokens });
/** Whatever it is, as the types would have it. */
const any = (value: unknown) => value as never;

describe("each is refused in one line that says what was expected", () => {
  test.each<[string, () => unknown, string]>([
    [
      "no options",
      () => new Encoding(any(undefined)),
      "Encoding: expected options with name, pattern and ranks, got nothing",
    ],
    ["ranks of null", () => own(any(null)), "Encoding: expected ranks as an array of each token's bytes, got null"],
    [
      "ranks in a Map",
      () => own(any(new Map())),
      "Encoding: expected ranks as an array of each token's bytes, got an object",
    ],
    [
      "a string among the ranks",
      () => own([...bytes, any("zz")]),
      'Encoding: expected tokens to be Uint8Arrays, got "zz" at id 256',
    ],
    [
      "null among the ranks",
      () => own([...bytes, any(null)]),
      "Encoding: expected tokens to be Uint8Arrays, got null at id 256",
    ],
    [
      "special tokens of null",
      () => own(bytes, any(null)),
      "Encoding: expected specialTokens as an object of ids, got null",
    ],
    [
      "a policy of null",
      () => cl100k.encode("a", any(null)),
      'Encoding.encode: expected options such as { allowedSpecial: "all" }, got null',
    ],
    ["a policy that is a word", () => cl100k.encode("a", any("all")), 'got "all"'],
    [
      "a policy that is a list",
      () => cl100k.count("a", any(["<|endoftext|>"])),
      "Encoding.count: expected options such as",
    ],
    [
      "a pattern among the special tokens",
      () => cl100k.encode("a", { disallowedSpecial: [any(/x/)] }),
      "expected disallowedSpecial to hold special tokens, got an object",
    ],
    [
      "an empty special token",
      () => cl100k.encode("a", { allowedSpecial: [""] }),
      'expected allowedSpecial to hold special tokens, got ""',
    ],
    [
      "errors as a word",
      () => cl100k.decode([1], any("strict")),
      'Encoding.decode: expected options such as { errors: "strict" }, got "strict"',
    ],
    [
      "a batch that is a text",
      () => cl100k.encodeBatch(any("abc")),
      'Encoding.encodeBatch: expected a list of texts, got "abc"',
    ],
    [
      "a batch that is a number",
      () => cl100k.decodeBatch(any(5)),
      "Encoding.decodeBatch: expected a list of lists of ids, got 5",
    ],
    ["a limit in words", () => cl100k.countUpTo("a", any("5")), 'Encoding.countUpTo: expected a limit from 0, got "5"'],
    [
      "a limit as a bigint",
      () => cl100k.countUpTo("a", any(5n)),
      "Encoding.countUpTo: expected a limit from 0, got a bigint",
    ],
    [
      "a token that is a number",
      () => cl100k.encodeSingleToken(any(5)),
      "Encoding.encodeSingleToken: expected a token as a string or bytes, got 5",
    ],
    [
      "a lone surrogate as token",
      () => cl100k.encodeSingleToken("\ud800"),
      "Encoding.encodeSingleToken: expected a token of cl100k_base",
    ],
    [
      "a file that is missing",
      () => parseTiktoken(any(undefined)),
      "parseTiktoken: expected a file's text or bytes, got nothing",
    ],
    [
      "base64 without its padding",
      () => parseTiktoken("YQ 0"),
      'parseTiktoken: expected "base64 rank" in line 1, got "YQ 0"',
    ],
    [
      "an added token that is there",
      () => cl100k.extend({ name: "x", specialTokens: { "<|endoftext|>": 5 } }),
      "Encoding.extend: expected special tokens with a spelling and an id of their own",
    ],
    [
      "an added id that is taken",
      () => cl100k.extend({ name: "x", specialTokens: { "<x>": 100257 } }),
      'got "<x>" with 100257',
    ],
  ])("%s", (_, use, message) => {
    expect(use).toThrow(message);
  });
});

test("special tokens come as a Map or as an object, and lines of a file between any white space", () => {
  expect(own(bytes, new Map([["<e>", 256]])).encode("<e>", { allowedSpecial: "all" })).toEqual(Uint32Array.of(256));
  expect(parseTiktoken("YQ==  0 \r\n\n\tYg== 1\n")).toEqual([utf8("a"), utf8("b")]);
});

test("an encoding with more special tokens", () => {
  const chat = cl100k.extend({ name: "chat", specialTokens: { "<|im_start|>": 100264, "<|im_end|>": 100265 } });
  expect([...chat.encode("<|im_start|>hello world<|im_end|>", { allowedSpecial: "all" })]).toEqual([
    100264, 15339, 1917, 100265,
  ]);
  expect([chat.name, chat.pattern, chat.nVocab]).toEqual(["chat", "cl100k_base", 100277]);
  expect(chat.decode([100264, 15339])).toBe("<|im_start|>hello");
});

describe("single tokens (tiktoken 0.14)", () => {
  test("special ones by their bytes, ordinary ones before special ones", () => {
    expect(cl100k.encodeSingleToken(utf8("<|endoftext|>"))).toBe(100257);
    expect(own(bytes, { a: 300 }).encodeSingleToken("a")).toBe(97);
  });
});

test("sets of special tokens whose spellings run into each other are told apart", () => {
  const encoding = own(bytes, { a: 300, b: 301, "a\0b": 302 });
  const encode = (...allowedSpecial: string[]) => [
    ...encoding.encode("a\0b", { allowedSpecial, disallowedSpecial: [] }),
  ];
  expect(encode("a", "b")).toEqual([300, 0, 301]);
  expect(encode("a\0b")).toEqual([302]);
  expect(encode("a", "a\0b")).toEqual([302]);
});

// tiktoken 0.14 with the same ranks: [120, 256] and [120, 256, 256]; it looks up the joined bytes of any two neighbours.
test("ranks that are not in the order of the merges give tiktoken's ids", () => {
  const encoding = own([...bytes, utf8("abc"), utf8("ab")]);
  expect([...encoding.encode("xabc")]).toEqual([120, 256]);
  expect([...encoding.encode("xabcabc")]).toEqual([120, 256, 256]);
});
