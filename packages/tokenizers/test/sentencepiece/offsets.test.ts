import { SentencePieceProcessor, writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { describe, expect, test } from "vitest";
import { expectedModels, loadModel } from "./models.ts";

describe.each(Object.entries(expectedModels))("the model %s", (name, { lines }) => {
  const processor = loadModel(name);

  test("gives the pieces of C++ SentencePiece, with offsets in code points", () => {
    for (const { text, ids, pieces, begins, ends } of lines) {
      const encoded = processor.encodeWithOffsets(text, { unit: "codepoint" });
      expect([...encoded.ids], JSON.stringify(text)).toEqual(ids);
      expect(encoded.pieces, JSON.stringify(text)).toEqual(pieces);
      expect([...encoded.offsets], JSON.stringify(text)).toEqual(begins);
      expect([...encoded.ends], JSON.stringify(text)).toEqual(ends);
      expect(processor.encodePieces(text)).toEqual(pieces);
    }
  });

  test("gives the same offsets in UTF-16 units and in bytes", () => {
    for (const { text } of lines) {
      const inPoints = processor.encodeWithOffsets(text, { unit: "codepoint" });
      const inUnits = processor.encodeWithOffsets(text);
      const inBytes = processor.encodeWithOffsets(text, { unit: "byte" });
      const points = [...text];
      const before = (count: number) => points.slice(0, count).join("");
      for (const side of ["offsets", "ends"] as const) {
        expect([...inUnits[side]]).toEqual(Array.from(inPoints[side], (at) => before(at).length));
        expect([...inBytes[side]]).toEqual(Array.from(inPoints[side], (at) => Buffer.byteLength(before(at))));
      }
    }
  });
});

describe("encodeWithOffsets", () => {
  const processor = loadModel("unigram");

  test("covers the text: each piece ends where the next begins, or spaces follow that the model drops", () => {
    const text = "  I saw a girl with a telescope. ";
    const { offsets, ends, ids } = processor.encodeWithOffsets(text);
    for (let i = 1; i < ids.length; i++) expect(text.slice(ends[i - 1], offsets[i]).trim()).toBe("");
    expect([offsets[0], ends.at(-1)]).toEqual([2, text.length - 1]);
  });

  test("puts bos before and eos behind the text, however the pieces of the text are ordered", () => {
    const text = "Hello \u732b ";
    const { ids, pieces, offsets, ends } = processor.encodeWithOffsets(text, {
      addBos: true,
      addEos: true,
      reverse: true,
    });
    expect([...ids]).toEqual([...processor.encode(text, { addBos: true, addEos: true, reverse: true })]);
    expect([pieces[0], pieces.at(-1)]).toEqual(["<s>", "</s>"]);
    expect([offsets[0], ends[0], offsets.at(-1), ends.at(-1)]).toEqual([0, 0, text.length, text.length]);
    const plain = processor.encodeWithOffsets(text);
    expect(Array.from(offsets.slice(1, -1))).toEqual(Array.from(plain.offsets).toReversed());
    expect(Array.from(ends.slice(1, -1))).toEqual(Array.from(plain.ends).toReversed());
  });

  test("counts a lone surrogate as one unit and three bytes", () => {
    const model = loadModel("char");
    const text = "a\ud800\u{1f600}b";
    expect([...model.encodeWithOffsets(text).ends]).toEqual([0, 1, 4, 5]);
    expect([...model.encodeWithOffsets(text, { unit: "codepoint" }).ends]).toEqual([0, 1, 3, 4]);
    expect([...model.encodeWithOffsets(text, { unit: "byte" }).ends]).toEqual([0, 1, 8, 9]);
  });

  test("refuses another unit", () => {
    expect(() => processor.encodeWithOffsets("a", { unit: "word" as "byte" })).toThrow(
      'encodeWithOffsets: expected the unit "utf16", "codepoint" or "byte", got "word"',
    );
  });
});

describe("encodePieces", () => {
  test("spells an unknown piece as its text, or as the unknown piece", () => {
    const processor = loadModel("bpe");
    expect(processor.encodePieces("\u85e4")).toEqual(["\u2581", "\u85e4"]);
    expect(processor.encodePieces("\u85e4", { emitUnkPiece: true })).toEqual(["\u2581", "<unk>"]);
  });

  test("spells unknown characters in bytes where the model does", () => {
    const processor = loadModel("bpe_bytes");
    expect(processor.encodePieces("\u85e4").slice(-3)).toEqual(["<0xE8>", "<0x97>", "<0xA4>"]);
    const { offsets, ends } = processor.encodeWithOffsets("\u85e4!");
    expect(Array.from(offsets.slice(-4))).toEqual([0, 0, 0, 1]);
    expect(Array.from(ends.slice(-4))).toEqual([0, 0, 1, 2]);
  });
});

describe("batches", () => {
  const processor = loadModel("unigram");
  const texts = ["", "Hello world", "I saw a girl."];

  test("are what each text gives", () => {
    expect(processor.encodeBatch(texts, { addEos: true })).toEqual(
      texts.map((text) => processor.encode(text, { addEos: true })),
    );
    expect(processor.decodeBatch(processor.encodeBatch(texts))).toEqual(texts);
  });

  test("must be arrays", () => {
    expect(() => processor.encodeBatch("abc" as unknown as string[])).toThrow(
      'encodeBatch: expected an array, got "abc"',
    );
    expect(() => processor.encodeBatch(["a", 7 as unknown as string])).toThrow("encodeBatch: expected a string, got 7");
    expect(() => processor.decodeBatch([[5000]])).toThrow("decodeBatch: expected an integer id from 0 to 999");
  });
});

test("the settings of the normalizer can be overridden, as override_normalizer_spec does", () => {
  const model = {
    pieces: ["<unk>", "he", "ll", "o", "\u2581world", "\u2581he", "w", "or", "l", "d", " ", "  "].map((piece, id) => ({
      piece,
      score: -id,
      ...(id === 0 ? { type: "unknown" as const } : {}),
    })),
  };
  const processor = SentencePieceProcessor.fromBytes(writeModelProto(model));
  expect(processor.encodePieces(" hello  world ")).toEqual(["\u2581he", "ll", "o", "\u2581world"]);
  const plain = SentencePieceProcessor.fromBytes(
    writeModelProto({
      ...model,
      normalizerSpec: { addDummyPrefix: false, removeExtraWhitespaces: false, escapeWhitespaces: false },
    }),
  );
  expect(plain.encodePieces(" hello  world ")).toEqual([" ", "he", "ll", "o", "  ", "w", "or", "l", "d", " "]);
});
