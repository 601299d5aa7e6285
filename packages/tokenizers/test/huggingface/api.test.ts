import { Tokenizer } from "@llm-learning/tokenizers/huggingface";
import { expect, test } from "vitest";

/** Words of two letters, by their pairs. */
const document = {
  added_tokens: [
    { id: 9, content: "[CLS]", special: true, normalized: false },
    { id: 9, content: "<X>", special: false, normalized: true },
  ],
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "[CLS]", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "[CLS]": { id: "[CLS]", ids: [4], tokens: ["[CLS]"] } },
  },
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2, "?": 3 }, merges: [["a", "b"]], unk_token: "?" },
};

test("added tokens are numbered on from the vocabulary, whatever the file says", () => {
  const tokenizer = Tokenizer.fromJSON(document);
  expect(tokenizer.tokenToId("[CLS]")).toBe(4);
  expect(tokenizer.tokenToId("<X>")).toBe(5);
  expect(tokenizer.tokenToId("b")).toBe(1);
  expect(tokenizer.tokenToId("zz")).toBeUndefined();
  // One that is looked for in normalized text is known by its normalized form.
  expect(tokenizer.idToToken(5)).toBe("<x>");
  expect(tokenizer.idToToken(99)).toBeUndefined();
  expect(tokenizer.vocabSize).toBe(6);
  expect([...tokenizer.vocabulary().keys()]).toEqual(["a", "b", "ab", "?", "[CLS]", "<X>"]);
  expect(tokenizer.toJSON().added_tokens).toMatchObject([{ id: 4 }, { id: 5 }]);
});

test("an encoding tells everything about its tokens", () => {
  const encoding = Tokenizer.fromJSON(document).encode("AB c[CLS] <x>");
  expect([...encoding.ids]).toEqual([4, 2, 3, 4, 5]);
  expect(encoding.length).toBe(5);
  expect(encoding.tokens).toEqual(["[CLS]", "ab", "?", "[CLS]", "<x>"]);
  expect(encoding.offsets).toEqual([
    [0, 0],
    [0, 2],
    [3, 4],
    [4, 9],
    [10, 13],
  ]);
  expect(encoding.wordIds).toEqual([undefined, 0, 1, 2, 3]);
  expect(encoding.sequenceIds).toEqual([undefined, 0, 0, 0, 0]);
  expect([...encoding.typeIds]).toEqual([0, 0, 0, 0, 0]);
  expect([...encoding.specialTokensMask]).toEqual([1, 0, 0, 0, 0]);
  expect([...encoding.attentionMask]).toEqual([1, 1, 1, 1, 1]);
  expect(encoding.overflowing).toEqual([]);
});

test("special tokens can be left out, in the text and around it", () => {
  const tokenizer = Tokenizer.fromJSON(document);
  expect([...tokenizer.encode("a", { addSpecialTokens: false }).ids]).toEqual([0]);
  expect(tokenizer.encode("[CLS]", { specialTokens: "text" }).tokens).toEqual(["[CLS]", "?", "?", "?", "?", "?"]);
  expect(tokenizer.encode("<x>", { specialTokens: "text", addSpecialTokens: false }).tokens).toEqual(["<x>"]);
  expect(tokenizer.decode([4, 2, 3])).toBe("[CLS] ab ?");
  expect(tokenizer.decode([4, 2, 3], { skipSpecialTokens: true })).toBe("ab ?");
  expect(tokenizer.decodeBatch([[2], [0, 1]])).toEqual(["ab", "a b"]);
});

test("a lone surrogate counts as U+FFFD", () => {
  const tokenizer = Tokenizer.fromJSON({ model: { type: "WordLevel", vocab: { "\ufffd": 0 }, unk_token: "\ufffd" } });
  expect(tokenizer.encode("\ud800").tokens).toEqual(["\ufffd"]);
});

test("batches are filled up to the longest, texts are cut where they are too long", () => {
  const tokenizer = Tokenizer.fromJSON(document);
  const [short, long] = tokenizer.encodeBatch(["a", "a b ab"], { padding: { id: 3, token: "?", direction: "left" } });
  expect([...(short?.ids ?? [])]).toEqual([3, 3, 4, 0]);
  expect([...(short?.attentionMask ?? [])]).toEqual([0, 0, 1, 1]);
  expect(short?.offsets).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 1],
  ]);
  expect([...(long?.ids ?? [])]).toEqual([4, 0, 1, 2]);
  const cut = tokenizer.encode("a b ab a", { truncation: { maxLength: 3, stride: 1 } });
  expect([cut, ...cut.overflowing].map(({ tokens }) => tokens)).toEqual([
    ["[CLS]", "a", "b"],
    ["[CLS]", "b", "ab"],
    ["[CLS]", "ab", "a"],
  ]);
});

test("what the file says about length holds unless the caller says otherwise", () => {
  const truncation = { max_length: 2, strategy: "LongestFirst", stride: 0, direction: "Left" };
  const padding = {
    strategy: { Fixed: 4 },
    direction: "Right",
    pad_to_multiple_of: null,
    pad_id: 3,
    pad_type_id: 0,
    pad_token: "?",
  };
  const tokenizer = Tokenizer.fromJSON({ ...document, truncation, padding });
  expect([...tokenizer.encode("a b").ids]).toEqual([4, 1, 3, 3]);
  expect([...tokenizer.encode("a b", { truncation: false, padding: false }).ids]).toEqual([4, 0, 1]);
  expect(tokenizer.toJSON()).toMatchObject({ truncation, padding });
});

test("tokens can be added; an encoding made before stays as it was", () => {
  const tokenizer = Tokenizer.fromJSON(document);
  const before = tokenizer.encode("a new b");
  expect(tokenizer.addTokens(["new", { content: "b", special: true, normalized: false }])).toBe(2);
  expect(tokenizer.addTokens(["new"])).toBe(0);
  expect(before.tokens).toEqual(["[CLS]", "a", "?", "?", "?", "b"]);
  expect(tokenizer.encode("a new b").tokens).toEqual(["[CLS]", "a", "new", "b"]);
  expect(tokenizer.tokenToId("new")).toBe(6);
  expect(tokenizer.decode([1, 6], { skipSpecialTokens: true })).toBe("new");
  expect(Tokenizer.fromJSON(JSON.stringify(tokenizer)).encode("a new b").tokens).toEqual(["[CLS]", "a", "new", "b"]);
});

test("merges are dropped at random only with random numbers of the caller's", () => {
  const tokenizer = Tokenizer.fromJSON({ model: { ...document.model, dropout: 0.5 } });
  expect(tokenizer.encode("abab").tokens).toEqual(["ab", "ab"]);
  expect(tokenizer.encode("abab", { rng: () => 0.4 }).tokens).toEqual(["a", "b", "a", "b"]);
  expect(tokenizer.encode("abab", { rng: () => 0.6 }).tokens).toEqual(["ab", "ab"]);
});

test("long texts without pieces are cut where no merge reaches across, which changes nothing", () => {
  const tokenizer = Tokenizer.fromJSON({ model: { ...document.model, fuse_unk: true } });
  const text = "ab ba  c cab".repeat(50);
  const short = Array.from({ length: 50 }, () => tokenizer.encode("ab ba  c cab").tokens).flat();
  expect(tokenizer.encode(text).tokens).toEqual(short);
  expect(tokenizer.encode(text).offsets.at(-1)).toEqual([598, 600]);
});
