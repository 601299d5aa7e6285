import { readModelProto, SentencePieceProcessor, writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { describe, expect, test } from "vitest";
import { expectedModels, loadModel, modelBytes } from "./models.ts";

describe.each(Object.entries(expectedModels))("the model %s", (name, { lines }) => {
  const processor = loadModel(name);

  test("encodes to the ids of C++ SentencePiece", () => {
    for (const { text, ids } of lines) expect([...processor.encode(text)], JSON.stringify(text)).toEqual(ids);
  });

  test("decodes to the same text, from ids and from pieces", () => {
    for (const { text, ids, pieces, decoded } of lines) {
      expect(processor.decode(ids), JSON.stringify(text)).toBe(decoded);
      if (processor.encode(text).every((id) => id !== processor.unkId)) {
        expect(processor.decodePieces(pieces), JSON.stringify(text)).toBe(decoded);
      }
    }
  });

  test("normalizes to the same text", () => {
    for (const { text, normalized } of lines) {
      expect(processor.normalize(text), JSON.stringify(text)).toBe(normalized);
    }
  });

  test("is written back byte for byte", () => {
    expect(Buffer.compare(processor.toBytes(), modelBytes(name))).toBe(0);
  });
});

describe("the vocabulary", () => {
  const processor = loadModel("unigram_symbols");

  test("knows each piece by id and by spelling, as python/test/sentencepiece_test.py asks", () => {
    expect(processor.vocabSize).toBe(1000);
    expect([processor.unkId, processor.bosId, processor.eosId, processor.padId]).toEqual([0, 1, 2, 3]);
    expect(["<unk>", "<s>", "</s>", "<pad>"].map((piece) => processor.pieceToId(piece))).toEqual([0, 1, 2, 3]);
    for (let id = 0; id < processor.vocabSize; id++) expect(processor.pieceToId(processor.idToPiece(id))).toBe(id);
    expect(processor.pieceToId("no such piece")).toBe(processor.unkId);
  });

  test("tells what a piece is for and how it scores", () => {
    expect(
      ["<unk>", "<s>", "<mask>", "<sep>", "e"].map((piece) => processor.getKind(processor.pieceToId(piece))),
    ).toEqual(["unknown", "control", "userDefined", "control", "normal"]);
    const { pieces = [] } = readModelProto(processor.toBytes());
    expect(processor.getScore(500)).toBe(pieces[500]?.score);
  });

  test("has no padding unless the model was trained with it", () => {
    expect(loadModel("bpe").padId).toBeUndefined();
  });

  test("refuses ids outside it", () => {
    for (const id of [-1, 1000, 1.5, Number.NaN]) {
      expect(() => processor.idToPiece(id)).toThrow(/idToPiece: expected an integer id from 0 to 999/);
      expect(() => processor.decode([5, id])).toThrow(/decode: expected an integer id from 0 to 999/);
    }
  });
});

describe("options of encode", () => {
  const processor = loadModel("unigram");
  const ids = [...processor.encode("Hello world")];

  test("add the pieces around a text and reverse what is between them", () => {
    expect([...processor.encode("Hello world", { addBos: true })]).toEqual([1, ...ids]);
    expect([...processor.encode("Hello world", { addEos: true })]).toEqual([...ids, 2]);
    expect([...processor.encode("Hello world", { addBos: true, addEos: true, reverse: true })]).toEqual([
      1,
      ...ids.toReversed(),
      2,
    ]);
    expect([...processor.encode("", { addBos: true, addEos: true })]).toEqual([1, 2]);
  });

  test("need the piece in the model", () => {
    const model = readModelProto(modelBytes("bpe"));
    model.pieces![1]!.piece = "<begin>";
    const without = SentencePieceProcessor.fromBytes(writeModelProto(model));
    expect(without.bosId).toBeUndefined();
    expect(() => without.encode("a", { addBos: true })).toThrow(
      "encode: expected a model with the piece that addBos adds, got one without",
    );
  });
});

describe("a text", () => {
  test("may hold lone surrogates, which count as U+FFFD", () => {
    const processor = loadModel("bpe_bytes");
    expect(processor.encode("a\ud800b")).toEqual(processor.encode("a\ufffdb"));
    expect(processor.decode(processor.encode("a\ud800b"))).toBe("a\ufffdb");
  });

  test("must be a string", () => {
    expect(() => loadModel("bpe").encode(7 as unknown as string)).toThrow("encode: expected a string, got 7");
  });

  test("that equals a control piece of one character is unknown, since control pieces never come from text", () => {
    const model = readModelProto(modelBytes("bpe"));
    model.pieces![1]!.piece = "\u00a7";
    const processor = SentencePieceProcessor.fromBytes(writeModelProto(model));
    expect([...processor.encode("\u00a7")].at(-1)).toBe(processor.unkId);
  });
});

describe("decoding", () => {
  test("strips one space mark at the beginning, or all where the model removes extra spaces", () => {
    expect(loadModel("bpe").decodePieces(["\u2581", "\u2581", "a", "\u2581"])).toBe("a ");
    expect(loadModel("bpe_bytes").decodePieces(["\u2581", "\u2581", "a", "\u2581"])).toBe(" a ");
    expect(loadModel("bpe_symbols").decodePieces(["<s>", "\u2581a"])).toBe("a");
  });

  test("shows the unknown piece as the model says and keeps pieces that the model does not have", () => {
    const processor = loadModel("bpe");
    expect(processor.decode([processor.unkId])).toBe(" \u2047 ");
    expect(processor.decodePieces(["no\u2581such", "<unk>"])).toBe("no\u2581such \u2047 ");
  });

  test("joins byte pieces to characters, with U+FFFD for each byte that is part of none", () => {
    const processor = loadModel("bpe_bytes");
    const pieces = ["<0xE2>", "<0x82>", "<0xAC>", "<0xE2>", "<0x82>", "<0x41>", "<0xFF>"];
    expect(processor.decodePieces(pieces)).toBe("\u20ac\ufffd\ufffdA\ufffd");
  });
});
