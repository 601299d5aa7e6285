/**
 * Tokenizers as metadata of GGUF. What llama.cpp makes of them is simulated where it is short; bench/clients/nodeLlamaCpp.mjs asks it.
 */

import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from "@llm-learning/tokenizers";
import { trainBpe } from "@llm-learning/tokenizers/train";
import { describe, expect, it } from "vitest";
import { ggufTokenizer } from "../../../src/export/gguf/ggufTokenizer.ts";
import { HuggingFaceTokenizer } from "../../../src/tokenizer/huggingFaceTokenizer.ts";

interface Written {
  readonly model: string;
  readonly pre?: string;
  readonly tokens: string[];
  readonly token_type: number[];
  readonly merges?: string[];
  readonly warnings: readonly string[];
  readonly [key: string]: unknown;
}

function written(tokenizer: Tokenizer, lines = false): Written {
  const { metadata, warnings } = ggufTokenizer(tokenizer, { lines });
  const entries = [...metadata].map(([key, entry]) => [
    key.replace("tokenizer.ggml.", ""),
    entry.type === "array" ? entry.values : entry.value,
  ]);
  return { ...(Object.fromEntries(entries) as Omit<Written, "warnings">), warnings } as Written;
}

/** Ids of one word by the merges, as llama.cpp finds them: of all pairs the lowest rank, leftmost, until there is none. */
function mergedIds({ tokens, merges = [] }: Written, text: string): number[] {
  const bytes = new ByteTokenizer();
  const symbols = Array.from(bytes.encode(text), (byte) => bytes.idToToken(byte));
  for (;;) {
    const ranks = symbols.slice(1).map((right, i) => merges.indexOf(`${symbols[i]} ${right}`));
    const best = Math.min(...ranks.filter((rank) => rank >= 0));
    if (best === Infinity) return symbols.map((symbol) => tokens.indexOf(symbol));
    const at = ranks.indexOf(best);
    symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
  }
}

describe("characters as GGUF", () => {
  it("are the bytes of an RWKV vocabulary where they are ASCII and none ends a text", () => {
    expect(written(CharacterTokenizer.fromCharacters("\n \\a~\u007f"))).toEqual({
      model: "rwkv",
      tokens: ["\\x0a", " ", "\\\\", "a", "~", "\\x7f"],
      token_type: [1, 1, 1, 1, 1, 1],
      bos_token_id: 0,
      unknown_token_id: 1,
      add_bos_token: false,
      add_eos_token: false,
      warnings: ['llama.cpp reads what a text has besides the 6 characters of the vocabulary as " "'],
    });
  });

  it("are merged from their bytes where they have several", () => {
    const tokenizer = CharacterTokenizer.fromCharacters("\n aé한힣🦙", { specialTokens: ["<|endoftext|>"] });
    const found = written(tokenizer);
    expect(found).toMatchObject({
      model: "gpt2",
      pre: "qwen2",
      bos_token_id: 7,
      eos_token_id: 7,
      add_bos_token: false,
    });
    expect(found.tokens.slice(0, 4)).toEqual(["Ċ", "Ġ", "a", "Ã©"]);
    expect(found.token_type).toEqual([1, 1, 1, 1, 1, 1, 1, 3]);
    for (const text of ["é", "한힣", "a한 🦙\nñ힣aé"]) {
      const known = text.replace("ñ", "");
      expect(mergedIds(found, text).filter((id) => id >= 0)).toEqual([...tokenizer.encode(known)]);
    }
  });

  it("end a line, and begin it, where each text is one", () => {
    const found = written(CharacterTokenizer.fromCharacters("\nabc"), true);
    expect(found).toMatchObject({ model: "gpt2", bos_token_id: 0, eos_token_id: 0, add_bos_token: true });
    expect(found.tokens).toEqual(["Ċ", "a", "b", "c"]);
  });

  it("have one of them end a text where there is no other way, which a warning says", () => {
    const found = written(CharacterTokenizer.fromCharacters("aé"));
    expect(found).toMatchObject({ model: "gpt2", eos_token_id: 1 });
    expect(found.warnings[1]).toMatch(/it will stop at "é", the last of the vocabulary/);
  });

  it("have their unknown token, and a warning that llama.cpp does not use it", () => {
    const found = written(CharacterTokenizer.fromCharacters("ab", { unknown: "<unk>" }));
    expect(found).toMatchObject({ unknown_token_id: 2, eos_token_id: 2, token_type: [1, 1, 2] });
    expect(found.warnings).toEqual([
      'llama.cpp leaves out what a text has besides the 2 characters of the vocabulary, where ours writes "<unk>"',
    ]);
  });

  it("are refused where two tokens have one spelling", () => {
    const tokenizer = CharacterTokenizer.fromCharacters("éa", { specialTokens: ["<|endoftext|>", "Ã©"] });
    expect(() => written(tokenizer)).toThrow(RangeError);
    expect(() => written(tokenizer)).toThrow(
      'expected tokens that llama.cpp can tell apart, got "Ã©" for both 0 and 3',
    );
  });
});

describe("bytes as GGUF", () => {
  it("are 256 symbols without merges, and what ends a text is the byte that no text has", () => {
    const found = written(new ByteTokenizer());
    expect(found).toMatchObject({ model: "gpt2", merges: [], bos_token_id: 10, eos_token_id: 255, warnings: [] });
    expect(found.tokens[0x20]).toBe("Ġ");
    expect(mergedIds(found, "é 한")).toEqual([...new TextEncoder().encode("é 한")]);
  });

  it("end a text with the token for it", () => {
    const found = written(new ByteTokenizer({ specialTokens: ["<|endoftext|>"] }));
    expect(found).toMatchObject({ bos_token_id: 256, eos_token_id: 256 });
    expect(found.token_type[256]).toBe(3);
  });
});

describe("byte-level BPE as GGUF", () => {
  const text = "the theme of the thesis is there, é é é";

  it.each([
    ["r50k_base", "gpt-2", /^$/],
    ["cl100k_base", "dbrx", /^$/],
    ["o200k_base", "gpt-4o", /may not among capitals and marks beyond ASCII/],
  ] as const)("that cuts as %s is cut as %s there", async (pattern, pre, warning) => {
    const tokenizer = await trainBpe([text], { vocabSize: 270, pattern, specialTokens: ["<|endoftext|>"] });
    const found = written(tokenizer);
    const end = tokenizer.specialTokens.get("<|endoftext|>");
    expect(found).toMatchObject({ model: "gpt2", pre, bos_token_id: end, eos_token_id: end, add_bos_token: false });
    expect(found.warnings.join()).toMatch(warning);
    expect(found.merges).toHaveLength(tokenizer.vocabSize - 257);
    for (const word of ["the", " theme", " é", "isis"]) {
      expect(mergedIds(found, word)).toEqual([...tokenizer.encode(word)]);
    }
  });

  // Documents of others, in which only what is asked for here differs.
  const component = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const split = (regex: string): object => ({
    type: "Sequence",
    pretokenizers: [{ type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false }, component],
  });
  const llama3 = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  const document = (parts: object, model: object = {}): HuggingFaceTokenizer => {
    const own = new ByteTokenizer({ specialTokens: ["<s>", "</s>"] }).toJSON();
    const vocab = { ...own.model.vocab, th: 258, the: 260 };
    const merges = [
      ["t", "h"],
      ["th", "e"],
    ];
    return new HuggingFaceTokenizer({ ...own, ...parts, model: { ...own.model, vocab, merges, ...model } });
  };

  it.each([
    ["Llama 3", { pre_tokenizer: split(llama3) }, { ignore_merges: true }, "llama-bpe", ""],
    ["Qwen", { pre_tokenizer: split(llama3.replace("{1,3}", "")), normalizer: { type: "NFC" } }, {}, "qwen2", "(NFC)"],
    [
      "SmolLM",
      {
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [
            { type: "Digits", individual_digits: true },
            { ...component, use_regex: true },
          ],
        },
      },
      {},
      "smollm",
      "",
    ],
    [
      "a pattern of its own",
      { pre_tokenizer: split(String.raw`\w+|\W`) },
      {},
      "gpt-2",
      "no name for how the tokenizer",
    ],
    ["no pattern", { pre_tokenizer: component }, {}, "gpt-2", "no name for how the tokenizer"],
  ])("of %s goes by its name", (_, parts, model, pre, warning) => {
    const found = written(document(parts, model));
    expect(found).toMatchObject({ model: "gpt2", pre, merges: ["t h", "th e"], eos_token_id: 257 });
    expect(found.warnings).toHaveLength(warning === "" ? 0 : 1);
    expect(found.warnings.join()).toContain(warning);
    // The vocabulary leaves 259 out.
    expect(found.tokens.slice(256)).toEqual(["<s>", "</s>", "th", "[PAD259]", "the"]);
    expect(found.token_type.slice(256)).toEqual([3, 3, 1, 5, 1]);
  });

  it("puts the tokens around a text that the document puts there", () => {
    const special = (id: string): object => ({ SpecialToken: { id, type_id: 0 } });
    const single = [special("<s>"), { Sequence: { id: "A", type_id: 0 } }];
    const ids = (id: string, number: number): object => ({ id, ids: [number], tokens: [id] });
    const template = {
      type: "TemplateProcessing",
      single,
      pair: [...single, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": ids("<s>", 256) },
    };
    const tokenizer = document({ pre_tokenizer: split(llama3), post_processor: template });
    expect(written(tokenizer)).toMatchObject({
      bos_token_id: 256,
      eos_token_id: 257,
      add_bos_token: true,
      add_eos_token: false,
    });
  });

  it("is not what a unigram model is, which is refused", () => {
    const unigram = {
      version: "1.0",
      model: {
        type: "Unigram",
        unk_id: 0,
        vocab: [
          ["<unk>", 0],
          ["a", -1],
        ],
      },
    };
    expect(() => written(new HuggingFaceTokenizer(unigram))).toThrow(
      "expected a tokenizer of characters, of bytes, of byte-level BPE or of SentencePiece's BPE to write for llama.cpp",
    );
  });
});

describe("a BPE of SentencePiece's as GGUF", () => {
  const special = ["<unk>", "<s>", "</s>"];
  const byteTokens = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  const pieces = ["\u2581", "a", "b", "\u2581a", "ab", "\u2581ab"];
  const merges = [
    ["\u2581", "a"],
    ["a", "b"],
    ["\u2581", "ab"],
    ["\u2581a", "b"],
  ];
  const replace = { type: "Replace", pattern: { String: " " }, content: "\u2581" };
  const legacy = { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "\u2581" }, replace] };
  const decoder = {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { String: "\u2581" }, content: " " },
      { type: "ByteFallback" },
      { type: "Fuse" },
    ],
  };
  const document = (parts: object, model: object = {}): HuggingFaceTokenizer => {
    const vocab = Object.fromEntries([...special, ...byteTokens, ...pieces].map((token, id) => [token, id]));
    const added = special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }));
    return new HuggingFaceTokenizer({
      version: "1.0",
      added_tokens: added,
      decoder,
      model: { type: "BPE", unk_token: "<unk>", fuse_unk: true, byte_fallback: true, vocab, merges, ...model },
      ...parts,
    });
  };

  it("has scores that fall with the rank of the first merge, and bytes for the rest", () => {
    const found = written(document({ normalizer: legacy }));
    expect(found).toMatchObject({
      model: "llama",
      unknown_token_id: 0,
      eos_token_id: 2,
      add_bos_token: false,
      add_space_prefix: true,
      warnings: [],
    });
    expect(found.tokens.slice(-6)).toEqual(pieces);
    expect((found["scores"] as number[]).slice(-6)).toEqual([-4, -4, -4, -0, -1, -2]);
    expect(found.token_type.slice(0, 4)).toEqual([2, 3, 3, 6]);
    expect(found.token_type.slice(-6)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.each([
    [
      "Gemma",
      {
        normalizer: replace,
        pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
      },
      false,
      "",
    ],
    [
      "later Llamas",
      { pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "first", split: false } },
      true,
      "puts a space before every text",
    ],
  ])("begins texts with a space or not, as that of %s", (_, parts, prefix, warning) => {
    const found = written(document(parts));
    expect(found).toMatchObject({ model: "llama", add_space_prefix: prefix });
    expect(found.warnings.join()).toContain(warning);
  });

  it("is warned of where merges leave out a pair that is a token", () => {
    const found = written(document({ normalizer: legacy }, { merges: merges.slice(0, 3) }));
    expect(found.warnings).toEqual([
      "llama.cpp merges whatever makes a token, and the tokenizer does not: some ids may differ",
    ]);
  });

  it("is refused where texts are changed in another way, or without bytes", () => {
    for (const tokenizer of [
      document({ normalizer: { type: "Lowercase" } }),
      document({ normalizer: legacy, pre_tokenizer: { type: "Whitespace" } }),
      document({ normalizer: legacy }, { byte_fallback: false }),
    ]) {
      expect(() => written(tokenizer)).toThrow("exportModel: expected a tokenizer of characters, of bytes");
    }
  });
});
