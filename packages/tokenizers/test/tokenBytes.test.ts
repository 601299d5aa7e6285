import { BpeTokenizer, ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { Tokenizer as HuggingFaceTokenizer } from "@llm-learning/tokenizers/huggingface";
import { Encoding } from "@llm-learning/tokenizers/tiktoken";
import { describe, expect, test } from "vitest";

const utf8 = new TextEncoder();
const singleBytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

function joined(tokenizer: Pick<Tokenizer, "tokenBytes">, ids: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(Array.from(ids, (id) => [...tokenizer.tokenBytes(id)]).flat());
}

describe("the bytes of a token", () => {
  const text = "é안 <e> 😀\n";
  const tokenizers: [string, Tokenizer][] = [
    ["bytes", new ByteTokenizer({ specialTokens: ["<e>"] })],
    ["characters", CharacterTokenizer.fromText(text, { specialTokens: ["<e>"] })],
    [
      "byte pairs",
      new BpeTokenizer(
        // The first two bytes of "안", which are half a character.
        new Encoding({
          name: "halves",
          pattern: "r50k_base",
          ranks: [...singleBytes, Uint8Array.of(0xec, 0x95)],
          specialTokens: { "<e>": 300 },
        }),
      ),
    ],
  ];

  test.each(tokenizers)("of a text, joined, are its UTF-8: %s", (_, tokenizer) => {
    expect(joined(tokenizer, tokenizer.encode(text))).toEqual(utf8.encode(text));
    expect(() => tokenizer.tokenBytes(-1)).toThrow(/tokenBytes: expected/);
    expect(() => tokenizer.tokenBytes(tokenizer.vocabSize)).toThrow(RangeError);
  });

  test("are none where the ids have a hole, and a copy that nobody else has", () => {
    const tokenizer = tokenizers[2][1];
    expect(tokenizer.tokenBytes(270)).toEqual(new Uint8Array(0));
    tokenizer.tokenBytes(256).fill(0);
    expect(tokenizer.tokenBytes(256)).toEqual(Uint8Array.of(0xec, 0x95));
  });
});

describe("the bytes of a token of a tokenizer.json", () => {
  const model = { type: "BPE", vocab: { "\u2581": 0, a: 1, "\u2581b": 2, "<0xC3>": 3, "##c": 4 }, merges: [] };
  const bytesOf = (decoder: object | null): string[] => {
    const tokenizer = HuggingFaceTokenizer.fromJSON({ model, decoder });
    return [0, 1, 2, 3, 4].map((id) => String.fromCharCode(...tokenizer.tokenBytes(id)));
  };
  const blanks = { type: "Replace", pattern: { String: "\u2581" }, content: " " };

  test("are those inside a text, where Llama 2's decoder keeps blanks and joins bytes", () => {
    const strip = { type: "Strip", content: " ", start: 1, stop: 0 };
    const decoders = [blanks, { type: "ByteFallback" }, { type: "Fuse" }, strip];
    expect(bytesOf({ type: "Sequence", decoders })).toEqual([" ", "a", " b", "\xc3", "##c"]);
  });

  test("are the token's own text where nothing reads byte tokens", () => {
    expect(bytesOf({ type: "Metaspace", replacement: "\u2581" })).toEqual([" ", "a", " b", "<0xC3>", "##c"]);
  });

  test("are those of its symbols where it is spelled in symbols of bytes", () => {
    const tokenizer = HuggingFaceTokenizer.fromJSON({
      model: { type: "BPE", vocab: { Ġa: 0, Ã: 1 }, merges: [] },
      decoder: { type: "ByteLevel" },
    });
    expect(tokenizer.tokenBytes(0)).toEqual(Uint8Array.of(32, 97));
    expect(tokenizer.tokenBytes(1)).toEqual(Uint8Array.of(0xc3));
    expect(tokenizer.tokenBytes(2)).toEqual(new Uint8Array(0));
  });

  test("do not exist where the text of a token depends on others", () => {
    expect(() => bytesOf(null)).toThrow("expected a decoder that joins the texts of tokens");
    expect(() => bytesOf({ type: "WordPiece", prefix: "##", cleanup: true })).toThrow(RangeError);
  });
});
