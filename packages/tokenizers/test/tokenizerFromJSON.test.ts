import { ByteTokenizer, CharacterTokenizer, parseTokenizer, tokenizerFromJSON } from "@llm-learning/tokenizers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Json = Record<string, unknown>;

/** A document that tests change, with as much type as that needs. */
interface Document extends Json {
  model: Json & { vocab: Json };
  pre_tokenizer: Json;
  added_tokens: Json[];
}

/** A small valid document, changed in one place. */
function changed(change: (document: Document) => void, byte = false): unknown {
  const tokenizer = byte
    ? new ByteTokenizer({ specialTokens: ["<|endoftext|>"] })
    : CharacterTokenizer.fromText("ab", { unknown: "<unk>", specialTokens: ["<s>"] });
  const document = JSON.parse(JSON.stringify(tokenizer));
  change(document);
  return document;
}

describe("tokenizerFromJSON", () => {
  test("reads back what toJSON wrote, for any vocabulary", () => {
    const specials = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 2 }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), specials, (text, specialTokens) => {
        const [unknown] = specialTokens;
        const written = CharacterTokenizer.fromText(text, { unknown, specialTokens });
        const read = parseTokenizer(JSON.stringify(written));
        expect(read.toJSON()).toEqual(written.toJSON());
        expect(read.encode(text)).toEqual(written.encode(text));
      }),
    );
  });

  test("treats __proto__ and constructor as tokens like any other", () => {
    const written = CharacterTokenizer.fromText("ab", { specialTokens: ["__proto__", "constructor"] });
    const read = parseTokenizer(JSON.stringify(written));
    expect([...read.encode("a__proto__constructorb")]).toEqual([0, 2, 3, 1]);
    expect(read.tokenToId("toString")).toBeUndefined();
    expect(Object.prototype).not.toHaveProperty("a");
  });

  test("reads hand-made documents with absent optional fields", () => {
    const read = tokenizerFromJSON({
      pre_tokenizer: { type: "Split", pattern: { Regex: "." }, behavior: "Isolated", invert: false },
      decoder: { type: "Fuse" },
      model: { type: "BPE", vocab: { b: 0, a: 1 }, merges: [] },
    });
    expect([...read.encode("abba")]).toEqual([1, 0, 0, 1]);
  });

  test("reads special tokens that only added_tokens has, numbered on from the vocabulary", () => {
    const read = tokenizerFromJSON(changed((document) => Reflect.deleteProperty(document.model.vocab, "<s>")));
    expect(read.specialTokens).toEqual(
      new Map([
        ["<unk>", 2],
        ["<s>", 3],
      ]),
    );
  });

  test.each<[string, (document: Document) => void, typeof RangeError | typeof TypeError, string]>([
    ["another version", (d) => (d.version = "2.0"), RangeError, 'expected version to be "1.0", got "2.0"'],
    ["a version that is no string", (d) => (d.version = 1), TypeError, 'expected version to be "1.0", got 1'],
    ["a normalizer", (d) => (d.normalizer = { type: "NFC" }), RangeError, 'expected normalizer to be null, got "NFC"'],
    [
      "truncation",
      (d) => (d.truncation = { max_length: 5 }),
      RangeError,
      "expected truncation to be null, got an object",
    ],
    [
      "a post-processor",
      (d) => (d.post_processor = { type: "TemplateProcessing" }),
      RangeError,
      'expected post_processor to be null, got "TemplateProcessing"',
    ],
    [
      "another pre-tokenizer",
      (d) => (d.pre_tokenizer = { type: "Whitespace" }),
      RangeError,
      'expected pre_tokenizer.type to be null, "ByteLevel" or "Split", got "Whitespace"',
    ],
    [
      "a splitter that deletes",
      (d) => (d.pre_tokenizer = { type: "Split", behavior: "Removed" }),
      RangeError,
      'expected pre_tokenizer.behavior to be "Isolated" or "Contiguous" or "MergedWithPrevious" or "MergedWithNext", got "Removed"',
    ],
    ["no decoder", (d) => (d.decoder = null), RangeError, 'expected decoder to be type "Fuse", got null'],
    [
      "another decoder",
      (d) => (d.decoder = { type: "WordPiece" }),
      RangeError,
      'expected decoder.type to be "Fuse", got "WordPiece"',
    ],
    ["no model", (d) => Reflect.deleteProperty(d, "model"), TypeError, "expected model to be an object, got nothing"],
    [
      "another model",
      (d) => (d.model.type = "WordPiece"),
      RangeError,
      'expected model.type to be "BPE", got "WordPiece"',
    ],
    [
      "merges of characters",
      (d) => (d.model.merges = [["a", "b"]]),
      TypeError,
      "expected pre_tokenizer to be an object, got null",
    ],
    [
      "no merges field",
      (d) => Reflect.deleteProperty(d.model, "merges"),
      TypeError,
      "expected model.merges to be an array, got nothing",
    ],
    ["dropout", (d) => (d.model.dropout = 0.1), RangeError, "expected model.dropout to be null or 0, got 0.1"],
    ["fuse_unk", (d) => (d.model.fuse_unk = true), RangeError, "expected model.fuse_unk to be false, got true"],
    [
      "no vocabulary",
      (d) => Reflect.deleteProperty(d.model, "vocab"),
      TypeError,
      "expected model.vocab to be an object, got nothing",
    ],
    [
      "a vocabulary that is a list",
      (d) => (d.model.vocab = ["a"] as never),
      TypeError,
      "expected model.vocab to be an object, got an array of 1",
    ],
    [
      "an id that is a string",
      (d) => (d.model.vocab.a = "0"),
      TypeError,
      'expected model.vocab["a"] to be an id, got "0"',
    ],
    [
      "a fractional id",
      (d) => (d.model.vocab.a = 0.5),
      RangeError,
      'expected model.vocab["a"] to be an integer from 0 on, got 0.5',
    ],
    [
      "a repeated id",
      (d) => (d.model.vocab.a = 1),
      RangeError,
      'expected the id of "b" to be its own, not that of "a", got 1',
    ],
    [
      "a hole",
      (d) => (d.model.vocab.a = 1e15),
      RangeError,
      'expected the id of "a" to be below 4, the number of tokens (no holes), got 1000000000000000',
    ],
    [
      "a word",
      (d) => (d.model.vocab.abc = 4),
      RangeError,
      'expected model.vocab to be single characters and special tokens, got "abc"',
    ],
    [
      "an unknown token outside the vocabulary",
      (d) => (d.model.unk_token = "?"),
      RangeError,
      'expected model.unk_token to be a token of model.vocab, got "?"',
    ],
    [
      "an unknown token that is no special token",
      (d) => (d.model.unk_token = "a"),
      RangeError,
      'expected model.unk_token to be one of added_tokens, got "a"',
    ],
    [
      "an added token with another id",
      (d) => (d.added_tokens[0].id = 0),
      RangeError,
      'expected added_tokens[0].id to be 2, the id of "<unk>" in model.vocab, got 0',
    ],
    [
      "an added token twice",
      (d) => d.added_tokens.push(d.added_tokens[0]),
      RangeError,
      'expected added_tokens[2].content to be a token of its own, got "<unk>"',
    ],
    [
      "an added token that Hugging Face would renumber",
      (d) => d.added_tokens.push({ ...d.added_tokens[0], content: "<x>", id: 9 }),
      RangeError,
      "expected added_tokens[2].id to be 4, the next id after model.vocab, got 9",
    ],
    [
      "an added token that strips",
      (d) => (d.added_tokens[0].lstrip = true),
      RangeError,
      "expected added_tokens[0].lstrip to be false, got true",
    ],
    [
      "an added token that is not special",
      (d) => (d.added_tokens[0].special = false),
      RangeError,
      "expected added_tokens[0].special to be true, got false",
    ],
    [
      "an empty added token",
      (d) => (d.added_tokens[0].content = ""),
      RangeError,
      'expected added_tokens[0].content to be not empty and without lone surrogates, got ""',
    ],
  ])("refuses %s and names it", (_, change, type, message) => {
    expect(() => tokenizerFromJSON(changed(change))).toThrow(new type(`tokenizerFromJSON: ${message}`));
  });

  test.each<[string, (document: Document) => void, string]>([
    [
      "a prefix space",
      (d) => (d.pre_tokenizer.add_prefix_space = true),
      "expected pre_tokenizer.add_prefix_space to be false, got true",
    ],
    [
      "bytes out of order",
      (d) => Object.assign(d.model.vocab, { a: 98, b: 97 }),
      'expected token 97 of model.vocab to be "a", the symbol of byte 97, got "b"',
    ],
    [
      "a token that is no byte",
      (d) => (d.model.vocab["ab"] = 257),
      'expected model.vocab to be 256 byte symbols and special tokens, got "ab"',
    ],
    ["the other decoder", (d) => (d.decoder = { type: "Fuse" }), 'expected decoder.type to be "ByteLevel", got "Fuse"'],
  ])("refuses a byte-level document with %s", (_, change, message) => {
    expect(() => tokenizerFromJSON(changed(change, true))).toThrow(new RangeError(`tokenizerFromJSON: ${message}`));
  });

  test.each([null, undefined, 5, "x", [], true])("refuses %j as a document", (value) => {
    expect(() => tokenizerFromJSON(value)).toThrow(/^tokenizerFromJSON: expected the document to be an object, got /);
  });

  test("throws nothing but its own errors for 1000 mutated documents", () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(-1, 0.5, 2 ** 53, 2 ** 32, "ByteLevel", "BPE", "Fuse", "\uD800", "", undefined),
    );
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(fc.infiniteStream(fc.nat()), value), { minLength: 1, maxLength: 3 }),
        (byte, mutations) => {
          const document = changed((whole) => {
            for (const [choices, replacement] of mutations) mutate(whole, choices, replacement);
          }, byte);
          try {
            const tokenizer = tokenizerFromJSON(document);
            expect(tokenizer.decode(tokenizer.encode("ab"))).toBe("ab");
          } catch (error) {
            expect(error).toSatisfy((e) => e instanceof RangeError || e instanceof TypeError);
            expect((error as Error).message).toMatch(
              /^(tokenizerFromJSON: expected .+ to be .+, got|CharacterTokenizer.encode: expected characters)/,
            );
            expect((error as Error).message.length).toBeLessThan(400);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** Replaces or deletes one value somewhere in a document. */
function mutate(node: Json, choices: Iterator<number>, replacement: unknown): void {
  const keys = Object.keys(node);
  if (keys.length === 0) return;
  const key = keys[choices.next().value % keys.length];
  const child = node[key];
  if (typeof child === "object" && child !== null && choices.next().value % 4 > 0)
    mutate(child as Json, choices, replacement);
  else if (replacement === undefined) delete node[key];
  else node[key] = replacement;
}

describe("parseTokenizer", () => {
  const text = JSON.stringify(CharacterTokenizer.fromText("hello\n"));

  test("reads the text of a file, with or without a byte order mark", () => {
    expect([...parseTokenizer(text).encode("hole\n")]).toEqual([2, 4, 3, 1, 0]);
    expect(parseTokenizer(`\uFEFF${text}`).toJSON()).toEqual(parseTokenizer(text).toJSON());
  });

  test("reports a file cut anywhere in one line", () => {
    for (let end = 0; end < text.length; end++) {
      expect(() => parseTokenizer(text.slice(0, end))).toThrow(
        /^parseTokenizer: expected the JSON of a tokenizer.json, got invalid JSON \([^\n]+\)$/,
      );
    }
  });

  test("refuses what is no string", () => {
    expect(() => parseTokenizer({} as never)).toThrow(
      new TypeError("parseTokenizer: expected a string, got an object"),
    );
  });
});
