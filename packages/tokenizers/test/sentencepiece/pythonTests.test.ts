// The cases of SentencePiece's own python/test/sentencepiece_test.py (0.2.1) as properties: each test here has the name of
// the original one. The models are a thousand pieces of botchan.txt, as there, and one that spells Japanese in bytes.
import { SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { randomNumbers } from "../hostile/mutate.ts";
import { loadModel } from "./models.ts";

const english = loadModel("botchan");
const japanese = loadModel("unigram_bytes");
const { cases } = JSON.parse(
  new TextDecoder().decode(gunzipSync(readFileSync(new URL("fixtures/botchan.json.gz", import.meta.url)))),
) as { cases: { text: string }[] };
const lines = cases.map(({ text }) => text);

test("test_load, test_ja_load", () => {
  expect([english.vocabSize, english.unkId, english.bosId, english.eosId, english.padId]).toEqual([
    1000,
    0,
    1,
    2,
    undefined,
  ]);
  for (const processor of [english, japanese]) {
    expect([0, 1, 2].map((id) => processor.idToPiece(id))).toEqual(["<unk>", "<s>", "</s>"]);
    for (let id = 0; id < processor.vocabSize; id++) expect(processor.pieceToId(processor.idToPiece(id))).toBe(id);
  }
});

test.each([
  { name: "test_roundtrip", processor: english, text: "I saw a girl with a telescope." },
  {
    name: "test_ja_roundtrip",
    processor: japanese,
    text: "\u6e05\u6c34\u5bfa\u306f\u4eac\u90fd\u306b\u3042\u308b\u3002",
  },
])("$name", ({ processor, text }) => {
  const ids = processor.encode(text);
  const pieces = processor.encodePieces(text);
  expect(processor.nbestEncode(text, 10)[0]!.pieces).toEqual(pieces);
  expect(processor.decodePieces(pieces)).toBe(text);
  expect(processor.decode(ids)).toBe(text);
  const rng = randomNumbers(1);
  for (const nbestSize of [64, -1]) {
    for (let n = 0; n < 100; n++) {
      const sampled = processor.sampleEncodeWithOffsets(text, { rng, nbestSize, alpha: 0.5 });
      expect(processor.decodePieces(sampled.pieces)).toBe(text);
      expect(processor.decode(sampled.ids)).toBe(text);
    }
  }
});

test("test_train: every line of the corpus can be encoded and decoded", () => {
  for (const line of lines) {
    const decoded = english.decode(english.encode(line));
    expect(english.decodePieces(english.encodePieces(line, { emitUnkPiece: true }))).toBe(decoded);
  }
});

test("test_train_kwargs: user-defined symbols keep what normalization and the vocabulary would lose", () => {
  const processor = loadModel("botchan");
  processor.addTokens(["foo", "bar", "\t", "\b", "\n"]);
  const text = "hello\tworld\r\nthis\tis a \b pen";
  expect(processor.decode(processor.encode(text))).toBe(text);
});

test("test_serialized_proto: what a model is written as gives the same model", () => {
  const again = SentencePieceProcessor.fromBytes(english.toBytes());
  for (const line of lines) expect(again.encodeWithOffsets(line)).toEqual(english.encodeWithOffsets(line));
});

test("test_immutable_proto: offsets cut the text into its surfaces, whichever way ids and pieces are asked for", () => {
  const text = "I saw a girl with a telescope.";
  const encoded = english.encodeWithOffsets(text);
  expect(encoded.ids).toEqual(english.encode(text));
  expect(encoded.pieces).toEqual(english.encodePieces(text));
  const surfaces = Array.from(encoded.offsets, (start, i) => text.slice(start, encoded.ends[i]));
  expect(surfaces).toEqual(encoded.pieces.map((piece, i) => (i === 0 ? piece.slice(1) : piece.replace("\u2581", " "))));
  for (const { ids } of english.nbestEncode(text, 10)) expect(english.decode(ids)).toBe(text);
  const mixed = "\u543e\u8f29\u306f\u732b\u3067\u3042\u308b\u3002Hello world. ABC 123";
  const { ids, ...rest } = japanese.encodeWithOffsets(mixed);
  expect(japanese.decodeWithOffsets(ids)).toEqual({ text: mixed, ...rest });
});

test("test_new_api, test_new_api_init: options and shapes", () => {
  const [text, other] = ["hello world", "Tokyo"];
  const ids = [...english.encode(text)];
  expect(english.encodeBatch([text, other]).map((each) => [...each])).toEqual([ids, [...english.encode(other)]]);
  expect(english.decodeBatch([ids, english.encode(other)])).toEqual([text, other]);
  expect(english.decode([])).toBe("");
  expect(english.decodeBatch([[]])).toEqual([""]);
  expect([...english.encode(text, { addBos: true })]).toEqual([1, ...ids]);
  expect([...english.encode(text, { addEos: true })]).toEqual([...ids, 2]);
  expect([...english.encode(text, { reverse: true })]).toEqual(ids.toReversed());
  expect(english.encodePieces(text, { reverse: true })).toEqual([...english.encodePieces(text)].toReversed());
  expect(english.encodePieces(text, { addBos: true, addEos: true })).toEqual([
    "<s>",
    ...english.encodePieces(text),
    "</s>",
  ]);
  expect(english.encode("\u85e4")[1]).toBe(english.unkId);
  expect(english.encodePieces("\u85e4", { emitUnkPiece: true })[1]).toBe("<unk>");
  expect(english.encodePieces("\u85e4")[1]).toBe("\u85e4");
});

test("test_sampling", () => {
  const rng = randomNumbers(2);
  const drawn = Array.from({ length: 100 }, () => english.sampleEncode("hello world", { rng }).join(" "));
  expect(new Set(drawn).size).toBeGreaterThan(1);
  const fixed = Array.from({ length: 100 }, () => english.encode("hello world").join(" "));
  expect(new Set(fixed).size).toBe(1);
});

test("test_nbest", () => {
  for (const text of ["hello world", "I have a pen."]) {
    const best = english.nbestEncode(text, 10);
    expect(best.length).toBe(10);
    for (const { ids, pieces } of best)
      expect([english.decode(ids), english.decodePieces(pieces)]).toEqual([text, text]);
    const scores = best.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  }
});

test("test_sample_and_score", () => {
  const rng = randomNumbers(3);
  for (const text of ["hello world", "I have a pen."]) {
    for (const withoutReplacement of [true, false]) {
      const drawn = english.sampleEncodeAndScore(text, { rng, numSamples: 10, withoutReplacement });
      expect(drawn.length).toBe(10);
      for (const { ids } of drawn) expect(english.decode(ids)).toBe(text);
    }
  }
});

test("test_valid_range", () => {
  const methods = ["idToPiece", "getScore", "getKind"] as const;
  for (const id of [10, 20, 30]) for (const method of methods) english[method](id);
  for (const method of methods)
    expect(() => english[method](english.vocabSize)).toThrow(`${method}: expected an integer id`);
  expect(() => english.decode([english.vocabSize])).toThrow("decode: expected an integer id from 0 to 999");
});

test("test_batch", () => {
  const encoded = english.encodeBatch(lines);
  expect(encoded).toEqual(lines.map((line) => english.encode(line)));
  expect(english.decodeBatch(encoded)).toEqual(encoded.map((ids) => english.decode(ids)));
});
