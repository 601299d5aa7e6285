import { readModelProto, SentencePieceProcessor } from "@llm-learning/tokenizers/sentencepiece";
import { describe, expect, test } from "vitest";
import { expectedModels, loadModel, modelBytes } from "./models.ts";

/** The pieces that fixtures/make_sentencepiece.py kept. */
function kept(processor: SentencePieceProcessor): string[] {
  return Array.from({ length: processor.vocabSize }, (_, id) => processor.idToPiece(id)).filter(
    (_, id) => id % 3 !== 0,
  );
}

function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0);
}

const constrained = Object.entries(expectedModels).flatMap(([name, { lines, constrained: ids }]) =>
  ids === undefined ? [] : [{ name, cases: lines.map(({ text }, i) => ({ text, ids: ids.ids[i]! })) }],
);

describe.each(constrained)("the model $name, restricted to two thirds of its pieces", ({ name, cases }) => {
  test("encodes as C++ SentencePiece after set_vocabulary, and as before after resetVocabulary", () => {
    const processor = loadModel(name);
    processor.setVocabulary(kept(processor));
    for (const { text, ids } of cases) expect([...processor.encode(text)], JSON.stringify(text)).toEqual(ids);
    processor.resetVocabulary();
    const fresh = loadModel(name);
    for (const { text } of cases) expect(processor.encode(text)).toEqual(fresh.encode(text));
    expectSameBytes(processor.toBytes(), modelBytes(name));
  });

  test("is written as a file that encodes the same", () => {
    const processor = loadModel(name);
    processor.setVocabulary(kept(processor));
    const again = SentencePieceProcessor.fromBytes(processor.toBytes());
    for (const { text } of cases) expect(again.encode(text)).toEqual(processor.encode(text));
  });
});

describe("setVocabulary", () => {
  test("keeps single characters, control, user-defined and byte pieces whatever is asked for", () => {
    for (const name of ["unigram_symbols", "bpe_bytes", "unigram_bytes"]) {
      const processor = loadModel(name);
      const before = Array.from({ length: processor.vocabSize }, (_, id) => processor.getKind(id));
      processor.setVocabulary([]);
      before.forEach((kind, id) => {
        const isLonger = [...processor.idToPiece(id)].length > 1;
        expect(processor.getKind(id)).toBe(kind === "normal" && isLonger ? "unused" : kind);
      });
      const text = "Hello \u732b\u{1f600}";
      if (name !== "unigram_symbols") expect(processor.decode(processor.encode(text))).toBe(text);
    }
  });

  test("is for unigram and BPE models", () => {
    for (const change of [
      (processor: SentencePieceProcessor) => processor.setVocabulary([]),
      (processor: SentencePieceProcessor) => processor.resetVocabulary(),
      (processor: SentencePieceProcessor) => processor.loadVocabulary(""),
    ]) {
      expect(() => change(loadModel("word"))).toThrow("expected a unigram or BPE model, got one of type word");
    }
  });
});

describe("loadVocabulary", () => {
  test("reads pieces and frequencies and leaves out the rare ones", () => {
    const listed = loadModel("unigram");
    const set = loadModel("unigram");
    const pieces = kept(listed);
    const list = pieces.map((piece, i) => (i % 5 === 0 ? piece : `${piece}\t${i}`)).join("\n");
    listed.loadVocabulary(`${list}\n`, { threshold: 50 });
    set.setVocabulary(pieces.filter((_, i) => i % 5 !== 0 && i >= 50));
    expectSameBytes(listed.toBytes(), set.toBytes());
    listed.loadVocabulary(list.replaceAll("\n", "\r\n"));
    set.setVocabulary(pieces);
    expectSameBytes(listed.toBytes(), set.toBytes());
  });

  test("names the line that makes no sense", () => {
    const processor = loadModel("unigram");
    expect(() => processor.loadVocabulary("a\t1\n\nb\t2")).toThrow(
      "loadVocabulary: expected a piece in line 2, got none",
    );
    expect(() => processor.loadVocabulary("a\t1\nb\tmany")).toThrow(
      'loadVocabulary: expected an integer behind the tab in line 2, got "many"',
    );
    expect(() => processor.loadVocabulary(7 as never)).toThrow("loadVocabulary: expected a string, got 7");
  });
});

describe("addTokens", () => {
  test.each(["unigram_bytes", "bpe_bytes", "char", "word", "small_unigram"])(
    "to %s leaves all ids as they were",
    (name) => {
      const before = loadModel(name);
      const processor = loadModel(name);
      const size = before.vocabSize;
      expect(processor.addTokens(["<|user|>", "<|model|>"], { kind: "control" })).toEqual(
        Uint32Array.of(size, size + 1),
      );
      expect(processor.addTokens(["<|image|>", "New York"])).toEqual(Uint32Array.of(size + 2, size + 3));
      expect(processor.vocabSize).toBe(size + 4);
      const text = "the cat <|user|> sat";
      expect(processor.encode(text)).toEqual(before.encode(text));
      expect(processor.decode([size, ...processor.encode("cat"), size + 1])).toBe(before.decode(before.encode("cat")));
      if (name !== "word") {
        const around = [...before.encodePieces("a cat"), "<|image|>"];
        expect(processor.encodePieces("a cat<|image|>").slice(0, around.length)).toEqual(around);
        expect([...processor.encode("in New York!")]).toContain(size + 3);
        expect(processor.decode([size + 2, size + 3])).toBe("<|image|>New York");
      }
      const again = SentencePieceProcessor.fromBytes(processor.toBytes());
      expect(again.encode("a<|image|>New York")).toEqual(processor.encode("a<|image|>New York"));
      expect(readModelProto(processor.toBytes()).trainerSpec?.vocabSize).toBe(size + 4);
    },
  );

  test("brings the self-test up to date, without which C++ SentencePiece would refuse the file", () => {
    const processor = loadModel("small_unigram");
    const { input = "" } = readModelProto(processor.toBytes()).selfTestData!.samples![0]!;
    processor.addTokens([input.slice(1, 4)]);
    const { samples = [] } = readModelProto(processor.toBytes()).selfTestData!;
    expect(samples.map(({ expected }) => expected)).toEqual(
      samples.map((sample) => processor.encodePieces(sample.input!).join(" ")),
    );
  });

  test("gives a model that had no padding its piece", () => {
    const processor = loadModel("bpe");
    expect(processor.padId).toBeUndefined();
    processor.addTokens(["<pad>"], { kind: "control" });
    expect(processor.padId).toBe(processor.vocabSize - 1);
  });

  test("refuses what is there already or cannot be found in text, and then changes nothing", () => {
    const processor = loadModel("bpe");
    const size = processor.vocabSize;
    const piece = processor.idToPiece(700);
    expect(() => processor.addTokens(["new", piece])).toThrow(
      `addTokens: expected new tokens, got ${JSON.stringify(piece)}, which has id 700`,
    );
    expect(() => processor.addTokens(["twice", "twice"])).toThrow('got "twice", which has id 1000');
    expect(() => processor.addTokens([""])).toThrow('expected text without NUL and lone surrogates, got ""');
    expect(() => processor.addTokens(["\ud800"])).toThrow("addTokens: expected text without NUL and lone surrogates");
    expect(() => processor.addTokens("<x>" as never)).toThrow('addTokens: expected an array of strings, got "<x>"');
    expect(() => processor.addTokens(["<x>"], { kind: "byte" as never })).toThrow('expected the kind "userDefined" or');
    expect(processor.vocabSize).toBe(size);
    expectSameBytes(processor.toBytes(), modelBytes("bpe"));
  });

  test("keeps a restriction", () => {
    const processor = loadModel("unigram");
    processor.setVocabulary(kept(processor));
    const ids = processor.encode("Hello world");
    processor.addTokens(["<x>"]);
    expect(processor.encode("Hello world")).toEqual(ids);
  });
});
