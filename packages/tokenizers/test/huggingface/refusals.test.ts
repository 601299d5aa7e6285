import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { expect, test } from "vitest";

const model = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: [["a", "b"]] };

/** What fromJSON says to a document. */
function refusal(parts: object): string {
  try {
    Tokenizer.fromJSON({ model, ...parts });
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return error.message;
    throw error;
  }
  return "";
}

test("the first field that cannot be obeyed is named", () => {
  const says = (parts: object, message: string): void => {
    expect(refusal(parts)).toBe(`Tokenizer.fromJSON: expected ${message}`);
  };
  says({ version: "2.0" }, 'version to be "1.0", got "2.0"');
  says({ model: undefined }, "model to be an object, got nothing");
  says({ model: { ...model, type: "Magic" } }, 'model.type to be the type of a model, got "Magic"');
  says({ model: { ...model, vocab: { a: -1 } } }, 'model.vocab["a"] to be an integer from 0 to 2147483647, got -1');
  says({ model: { ...model, merges: ["a b c"] } }, 'model.merges[0] to be two tokens, got "a b c"');
  says(
    { model: { ...model, merges: [["b", "a"]] } },
    'model.merges[0] to be a merge of tokens of the vocabulary to one of them, got "ba"',
  );
  says({ model: { ...model, dropout: 2 } }, "model.dropout to be from 0 to 1, got 2");
  says(
    { model: { type: "Unigram", vocab: [["a", 0]], unk_id: 1 } },
    "model.unk_id to be an integer from 0 to 0, got 1",
  );
  says({ model: { type: "Unigram", vocab: [["a"]] } }, "model.vocab[0] to be a token and its score, got an array of 1");
  says(
    { normalizer: { type: "Sequence", normalizers: [{}] } },
    "normalizer.normalizers[0].type to be a string, got nothing",
  );
  says({ normalizer: { type: "NFX" } }, 'normalizer.type to be the type of a normalizer, got "NFX"');
  says(
    { normalizer: { type: "Precompiled", precompiled_charsmap: "????" } },
    'normalizer.precompiled_charsmap to be base64, got "????"',
  );
  says(
    { normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } },
    "normalizer.precompiled_charsmap to be intact, got a damaged one",
  );
  says({ pre_tokenizer: { type: "FixedLength", length: 0 } }, "pre_tokenizer.length to be at least 1, got 0");
  says(
    { pre_tokenizer: { type: "Split", pattern: { Regex: "(a" }, behavior: "Isolated", invert: false } },
    'pre_tokenizer.pattern.Regex to be a regular expression known here (Pattern: expected a closing parenthesis, got its end, at index 2 of "(a")',
  );
  says({ decoder: { type: "Strip", content: "ab" } }, 'decoder.content to be one character, got "ab"');
  says({ added_tokens: [{ id: 3 }] }, "added_tokens[0].content to be a string, got nothing");
  says({ added_tokens: {} }, "added_tokens to be an array, got an object");
  const template = (pieces: object[]): object => ({
    post_processor: { type: "TemplateProcessing", single: pieces, pair: [], special_tokens: {} },
  });
  says(
    template([{ SpecialToken: { id: "[CLS]", type_id: 0 } }]),
    'post_processor.single[0].SpecialToken.id to be one of special_tokens, got "[CLS]"',
  );
  says(
    template([{ Sequence: { id: "B", type_id: 0 } }]),
    'post_processor.single[0] to be sequence A or a special token, got "B"',
  );
  says(
    { padding: { strategy: { Fixed: 2 ** 40 }, direction: "Right" } },
    "padding.strategy.Fixed to be an integer from 0 to 4194304, got 1099511627776",
  );
  says({ truncation: { max_length: "many" } }, 'truncation.max_length to be an integer, got "many"');
});

test("text that is no JSON is refused in one line", () => {
  expect(() => Tokenizer.fromJSON("{")).toThrow(
    /^Tokenizer\.fromJSON: expected the JSON of a tokenizer\.json, got invalid JSON \(.*\)$/,
  );
  expect(() => Tokenizer.fromJSON(7)).toThrow(TypeError);
});

test("components within components are followed to a bounded depth, cyclic ones too", () => {
  const normalizer: { type: string; normalizers: object[] } = { type: "Sequence", normalizers: [] };
  normalizer.normalizers.push(normalizer);
  expect(refusal({ normalizer })).toMatch(/nested at most 32 deep, got "Sequence"$/);
});

test("encoding refuses what cannot be", () => {
  const tokenizer = Tokenizer.fromJSON({ model });
  expect(() => tokenizer.encode(7 as never)).toThrow("Tokenizer.encode: expected a string or { text, pair }, got 7");
  expect(() => tokenizer.encode({ text: [7] } as never)).toThrow("Tokenizer.encode: expected a string, got 7");
  expect(() => tokenizer.encode("a", { unit: "bytes" as never })).toThrow(
    'Tokenizer.encode: expected unit "utf16" or "codepoint" or "byte", got "bytes"',
  );
  expect(() => tokenizer.encodeBatch("a" as never)).toThrow(TypeError);
  expect(() => tokenizer.encode("abab", { truncation: { maxLength: 1, stride: 1 } })).toThrow(
    "Tokenizer.encode: expected truncation.stride below 1, the tokens of the text that fit, got 1",
  );
  expect(() => tokenizer.encode("abab", { truncation: { maxLength: 1, strategy: "onlySecond" } })).toThrow(
    'Tokenizer.encode: expected a pair to truncate, as truncation.strategy is "onlySecond", got only one text',
  );
  expect(() => tokenizer.encode("a", { padding: { multipleOf: 2 ** 31 } })).toThrow(
    "Tokenizer.encode: expected padding to at most 4194304 tokens, got 2147483648",
  );
});

test("a character without a token needs an unknown token in the vocabulary", () => {
  const tokenizer = Tokenizer.fromJSON({ model: { ...model, unk_token: "?" } });
  expect(() => tokenizer.encode("c")).toThrow(
    'Tokenizer.encode: expected text of the vocabulary, as its unknown token "?" is not in it',
  );
  const unigram = Tokenizer.fromJSON({ model: { type: "Unigram", vocab: [["a", 0]], unk_id: null } });
  expect(() => unigram.encode("c")).toThrow("expected text of the vocabulary, as it has no unknown token");
});

test("what overflows is bounded", () => {
  const tokenizer = Tokenizer.fromJSON({ model });
  const truncation = { maxLength: 50_000, stride: 49_999 };
  expect(() => tokenizer.encode("a".repeat(100_000), { truncation })).toThrow(
    "expected at most 67108864 overflowing tokens",
  );
});

test("ids far apart, holes and repeated ids cost nothing", () => {
  const tokenizer = Tokenizer.fromJSON({ model: { type: "BPE", vocab: { a: 2_000_000_000, b: 5, c: 5 }, merges: [] } });
  expect([...tokenizer.encode("abc").ids]).toEqual([2_000_000_000, 5, 5]);
  expect(tokenizer.decode([2_000_000_000, 4, 5])).toBe("a c");
});

test("one id for two tokens of bytes is taken, as the library takes it", () => {
  const symbols = Array.from({ length: 512 }, (_, point) => String.fromCharCode(point));
  const vocab = Object.fromEntries(symbols.map((symbol, id) => [symbol, id === 98 ? 97 : id]));
  const tokenizer = Tokenizer.fromJSON({
    model: { type: "BPE", vocab, merges: [], ignore_merges: true },
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false },
  });
  expect(new Set(tokenizer.encode("ab".repeat(5000)).ids)).toEqual(new Set([97]));
});

test("stripping more than there is leaves nothing", () => {
  const tokenizer = Tokenizer.fromJSON({ model, decoder: { type: "Strip", content: "a", start: 3, stop: 9 } });
  expect(tokenizer.decode([0, 1, 0])).toBe("b");
});
