import { readFileSync } from "node:fs";
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { BpeTokenizer, parseTokenizer, tokenizerConfig, tokenizerFromJSON } from "@llm-learning/tokenizers";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";
import { integers, nastyText } from "./tiktoken/nastyText.ts";
import { openAiEncoding } from "./tiktoken/openAiFiles.ts";

type Json = Record<string, unknown>;

interface Document extends Json {
  model: Json & { vocab: Record<string, number>; merges: unknown[] };
  pre_tokenizer: Json & { pretokenizers: Json[] };
}

interface Recorded {
  document: Document;
  vocabSize: number;
  encoded: { text: string; ids: number[] }[];
  decoded: { ids: number[]; text: string; textWithoutSpecialTokens: string }[];
}

/** Tokenizers trained by Hugging Face's Python library, with what it encodes and decodes; written by make_bpe.py. */
const { tokenizers: recorded }: { tokenizers: Record<string, Recorded> } = JSON.parse(
  readFileSync(new URL("fixtures/bpe.json", import.meta.url), "utf8"),
);

describe.each(Object.entries(recorded))("a tokenizer.json with the pattern of %s", (_, { document, ...expected }) => {
  const tokenizer = tokenizerFromJSON(document);

  test("encodes and decodes as Hugging Face's library does", () => {
    expect(tokenizer).toBeInstanceOf(BpeTokenizer);
    expect(tokenizer.vocabSize).toBe(expected.vocabSize);
    for (const { text, ids } of expected.encoded) expect([...tokenizer.encode(text)]).toEqual(ids);
    for (const { ids, text, textWithoutSpecialTokens } of expected.decoded) {
      expect(tokenizer.decode(ids)).toBe(text);
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(textWithoutSpecialTokens);
    }
  });

  test("decodes to the same text id by id", () => {
    for (const { ids, text, textWithoutSpecialTokens } of expected.decoded) {
      for (const [skipSpecialTokens, whole] of [
        [false, text],
        [true, textWithoutSpecialTokens],
      ] as const) {
        const stream = tokenizer.decodeStream({ skipSpecialTokens });
        expect(ids.map((id) => stream.push(id)).join("") + stream.end()).toBe(whole);
      }
    }
  });

  test("is written as Hugging Face's library writes it", () => {
    expect(tokenizer.toJSON()).toEqual(document);
    // Byte for byte, so that files can be compared.
    expect(JSON.stringify(tokenizer)).toBe(JSON.stringify(document));
  });

  test("names its tokens as the file does", () => {
    for (const [token, id] of Object.entries(document.model.vocab)) {
      expect(tokenizer.idToToken(id)).toBe(token);
      expect(tokenizer.tokenToId(token)).toBe(id);
    }
    expect(tokenizer.tokenToId("no such token")).toBeUndefined();
    expect(() => tokenizer.idToToken(expected.vocabSize)).toThrow(RangeError);
  });

  test("gives the same ids when Hugging Face's JavaScript library loads it", () => {
    const config = tokenizerConfig(tokenizer, { modelMaxLength: 64 });
    const theirs = new HuggingFaceTokenizer(JSON.parse(JSON.stringify(tokenizer)), JSON.parse(JSON.stringify(config)));
    for (const { text, ids } of expected.encoded) {
      // JavaScript's white space is not Unicode's.
      if (/[\u0085\ufeff]/.test(text)) continue;
      expect(theirs.encode(text, { add_special_tokens: false }).ids, text).toEqual(ids);
    }
  });
});

describe("special tokens in a text", () => {
  const tokenizer = tokenizerFromJSON(recorded["cl100k_base"].document);

  test("mean the special token, or ordinary text, or an error, as for every tokenizer of this package", () => {
    expect([...tokenizer.encode("a<|endoftext|>")]).toEqual([tokenizer.tokenToId("a"), 0]);
    const asText = tokenizer.encode("a<|endoftext|>", { specialTokens: "text" });
    expect(asText).not.toContain(0);
    expect(tokenizer.decode(asText)).toBe("a<|endoftext|>");
    expect(() => tokenizer.encode("a<|endoftext|>", { specialTokens: "error" })).toThrow(
      'BpeTokenizer.encode: expected text without special tokens, got "<|endoftext|>" at index 1',
    );
  });
});

describe.each(["gpt2", "cl100k_base"] as const)("%s as tokenizer.json", (name) => {
  test("is read back with the same ids, holes and all", () => {
    const encoding = openAiEncoding(name);
    const tokenizer = new BpeTokenizer(encoding);
    const read = parseTokenizer(JSON.stringify(tokenizer));
    expect(read.vocabSize).toBe(encoding.nVocab);
    expect(read.specialTokens).toEqual(encoding.specialTokens);
    const pick = integers(5);
    for (let round = 0; round < 300; round++) {
      const text = nastyText(pick);
      expect(read.encode(text), text).toEqual(encoding.encode(text, { allowedSpecial: "all" }));
      expect(read.decode(read.encode(text))).toBe(Buffer.from(text).toString());
    }
  });
});

describe("refusals", () => {
  const changed = (change: (document: Document) => void): Document => {
    const document = structuredClone(recorded["cl100k_base"].document);
    change(document);
    return document;
  };
  const swap = (merges: unknown[]): void => void merges.splice(0, 2, merges[1], merges[0]);

  test.each<[string, (document: Document) => void, string]>([
    ["merges in another order", (d) => swap(d.model.merges), "expected model.merges[0] to be"],
    ["a merge too few", (d) => d.model.merges.pop(), "to be there, as there are more tokens, got nothing"],
    ["a merge too many", (d) => d.model.merges.push(["a", "b"]), "to be absent: it makes no token of its own"],
    ["a merge of one", (d) => (d.model.merges[3] = "ab"), "expected model.merges[3] to be"],
    ["a merge that is a number", (d) => (d.model.merges[3] = 7), "expected model.merges[3] to be an array, got 7"],
    ["a byte that is missing", (d) => Reflect.deleteProperty(d.model.vocab, "a"), "expected all 256 single bytes"],
    ["two tokens of one id", (d) => (d.model.vocab["a"] = d.model.vocab["b"]), "to be an id of its own"],
    ["an id far beyond", (d) => (d.model.vocab["a"] = 1e9), "twice the number of tokens, got 1000000000"],
    [
      "a token of no bytes",
      (d) => (d.model.vocab["漢"] = 420),
      'expected model.vocab["漢"] to be a token of byte symbols',
    ],
    ["an unknown token", (d) => (d.model["unk_token"] = "a"), "model.unk_token"],
    ["dropout", (d) => (d.model["dropout"] = 0.1), "model.dropout"],
    ["a normalizer", (d) => (d["normalizer"] = { type: "NFC" }), "normalizer"],
    ["another decoder", (d) => (d["decoder"] = { type: "Fuse" }), "decoder"],
    ["a template", (d) => (d["post_processor"] = { type: "TemplateProcessing" }), "post_processor"],
    ["a space in front", (d) => (d.pre_tokenizer.pretokenizers[1]["add_prefix_space"] = true), "add_prefix_space"],
    ["another regex", (d) => (d.pre_tokenizer.pretokenizers[0]["pattern"] = { Regex: "." }), "pattern.Regex"],
    ["a third part", (d) => d.pre_tokenizer.pretokenizers.push({}), "expected pre_tokenizer.pretokenizers to be two"],
    ["no pre-tokenizer", (d) => Reflect.deleteProperty(d, "pre_tokenizer"), "expected pre_tokenizer to be an object"],
  ])("%s: the message names the field", (_, change, message) => {
    expect(() => tokenizerFromJSON(changed(change))).toThrow(message);
  });

  test("merges as strings, as older files have them, are read like pairs", () => {
    const strings = changed((d) => (d.model.merges = (d.model.merges as string[][]).map((pair) => pair.join(" "))));
    expect(tokenizerFromJSON(strings).toJSON()).toEqual(recorded["cl100k_base"].document);
  });

  test("an encoding whose ids are not in the order of its merges is not written", () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    const ranks = [...bytes, Uint8Array.of(97, 98, 99), Uint8Array.of(97, 98)];
    const tokenizer = new BpeTokenizer(new Encoding({ name: "own", pattern: "r50k_base", ranks }));
    expect(() => tokenizer.toJSON()).toThrow(
      "BpeTokenizer.toJSON: expected an encoding whose tokens are each merged from two earlier ones, got own with token 256",
    );
  });
});
