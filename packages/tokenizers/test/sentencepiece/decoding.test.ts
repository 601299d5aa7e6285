import { describe, expect, test } from "vitest";
import { randomNumbers } from "../hostile/mutate.ts";
import { expectedModels, loadModel } from "./models.ts";

describe("decodeStream", () => {
  test.each(Object.entries(expectedModels))("of %s gives what decode gives", (name, { lines }) => {
    const processor = loadModel(name);
    const stream = processor.decodeStream();
    for (const { ids, decoded } of lines) {
      expect(ids.map((id) => stream.push(id)).join("") + stream.end()).toBe(decoded);
    }
  });

  test.each(["bpe_bytes", "unigram_bytes", "small_bpe", "small_unigram"])("of %s does so for random ids", (name) => {
    const processor = loadModel(name);
    const rng = randomNumbers(23);
    const stream = processor.decodeStream();
    for (let round = 0; round < 400; round++) {
      // Byte pieces have low ids; half of the ids are among them.
      const ids = Array.from({ length: 12 }, () => Math.floor(rng() * (rng() < 0.5 ? 262 : processor.vocabSize)));
      const known = ids.filter((id) => id < processor.vocabSize);
      expect(known.map((id) => stream.push(id)).join("") + stream.end()).toBe(processor.decode(known));
    }
  });

  test("holds back the bytes of an unfinished character and no others", () => {
    const processor = loadModel("bpe_bytes");
    const push = (pieces: string[]) => {
      const stream = processor.decodeStream();
      return [...pieces.map((piece) => stream.push(processor.pieceToId(piece))), stream.end()];
    };
    expect(push(["<0xE2>", "<0x82>", "<0xAC>", "\u2581"])).toEqual(["", "", "\u20ac", " ", ""]);
    expect(push(["<0xE2>", "<0x82>", "<0x41>"])).toEqual(["", "", "\ufffd\ufffdA", ""]);
    expect(push(["<0xED>", "<0xA0>", "<0x80>"])).toEqual(["", "\ufffd\ufffd", "\ufffd", ""]);
    expect(push(["<0xF0>", "<0x9F>", "<0x98>"])).toEqual(["", "", "", "\ufffd\ufffd\ufffd"]);
  });

  test("refuses an id outside the vocabulary and can go on", () => {
    const stream = loadModel("bpe").decodeStream();
    expect(() => stream.push(5000)).toThrow("DecodeStream.push: expected an integer id from 0 to 999");
    expect(stream.push(loadModel("bpe").pieceToId("e"))).toBe("e");
  });
});

describe("the denormalizer", () => {
  test("has its rules applied to the decoded text, across pieces", () => {
    const processor = loadModel("small_unigram");
    expect(processor.decodePieces(["\u2581", "a", ".", ".", ".", "<", "3"])).toBe("a\u2026\u2764");
    const stream = processor.decodeStream();
    const ids = [..."a..."].map((piece) => processor.pieceToId(piece));
    expect(processor.decode(ids)).toBe(ids.map((id) => stream.push(id)).join("") + stream.end());
  });
});

describe("decodeWithOffsets", () => {
  test("tells which part of the text each piece became, as the offsets of encoding do where nothing was normalized", () => {
    for (const name of ["unigram_bytes", "bpe_bytes"]) {
      const processor = loadModel(name);
      const text = "\u543e\u8f29\u306f\u732b\u3067\u3042\u308b\u3002Hello world. ABC 123 \u{1f600}";
      for (const unit of ["utf16", "codepoint", "byte"] as const) {
        const { ids, pieces, offsets, ends } = processor.encodeWithOffsets(text, { unit });
        const decoded = processor.decodeWithOffsets(ids, { unit });
        expect(decoded.text).toBe(text);
        expect(decoded.pieces).toEqual(pieces);
        expect(decoded.ends).toEqual(ends);
        // A byte piece gives no text until its character is complete, so it begins where the character does.
        expect(decoded.offsets).toEqual(offsets);
      }
    }
  });

  test("gives control pieces no part", () => {
    const processor = loadModel("unigram");
    const { text, offsets, ends } = processor.decodeWithOffsets([1, ...processor.encode("Hello"), 2]);
    expect([text, offsets[0], ends[0], offsets.at(-1), ends.at(-1)]).toEqual(["Hello", 0, 0, 5, 5]);
    expect(() => processor.decodeWithOffsets([1], { unit: "piece" as never })).toThrow('expected the unit "utf16"');
  });
});

describe("normalizeWithOffsets", () => {
  const processor = loadModel("unigram");

  test("gives the examples of python/test/sentencepiece_test.py", () => {
    const text = "\uff2b\uff21\uff24\uff2f\uff2b\uff21\uff37\uff21ABC";
    expect(processor.normalize(text)).toBe("\u2581KADOKAWAABC");
    const inPoints = processor.normalizeWithOffsets(text, { unit: "codepoint" });
    expect(inPoints.normalized).toBe("\u2581KADOKAWAABC");
    expect([...inPoints.offsets]).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const { offsets } = processor.normalizeWithOffsets(text, { unit: "byte" });
    expect([...offsets]).toEqual([0, 0, 0, 0, 3, 6, 9, 12, 15, 18, 21, 24, 25, 26, 27]);
    const { normalized, offsets: two } = processor.normalizeWithOffsets("\u337b");
    expect([normalized, ...two]).toEqual(["\u2581\u5e73\u6210", 0, 0, 0, 1]);
  });

  test("counts a character of two UTF-16 units as two in both texts", () => {
    const { normalized, offsets } = processor.normalizeWithOffsets("\u{1f600}a");
    expect(normalized.length).toBe(4);
    expect([...offsets]).toEqual([0, 0, 0, 2, 3]);
  });
});
