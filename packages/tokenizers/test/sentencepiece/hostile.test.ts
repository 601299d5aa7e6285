import {
  type ModelProto,
  readModelProto,
  SentencePieceProcessor,
  writeModelProto,
} from "@llm-learning/tokenizers/sentencepiece";
import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { mutateBytes, randomNumbers } from "../hostile/mutate.ts";
import { modelBytes } from "./models.ts";

const TEXTS = ["", "the cat<mask>sea \uff21\uff22 \ufb01e\u0301 \u732b \u{1f600}\u0000 the...<3 ".repeat(3)];

/** Reads a damaged file and uses what comes of it: `undefined` if that works, otherwise the error. */
function use(bytes: Uint8Array, seed: number): unknown {
  try {
    const processor = SentencePieceProcessor.fromBytes(bytes);
    for (const text of TEXTS) {
      const { ids, ends } = processor.encodeWithOffsets(text);
      assert.deepEqual(processor.encode(text), ids);
      assert(ends.every((end) => end <= text.length));
      assert(processor.decode(ids).length < 2 ** 20);
      if (processor.modelType === "unigram") {
        assert(processor.nbestEncode(text, 4).length > 0);
        assert(Number.isFinite(processor.calculateEntropy(text, 0.1)));
      }
    }
    // Now and then also written and read again, which takes as long as all the rest.
    if (seed % 8 === 0) {
      const written = processor.toBytes();
      assert.deepEqual(SentencePieceProcessor.fromBytes(written).toBytes(), written);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The outcome of each file: how many worked, and the distinct errors with their numbers and quotations left out. */
function outcomes(count: number, fileOf: (seed: number) => Uint8Array): { works: number; errors: Set<string> } {
  const errors = new Set<string>();
  let works = 0;
  for (let seed = 0; seed < count; seed++) {
    const error = use(fileOf(seed), seed);
    if (error === undefined) works++;
    else if (error instanceof RangeError) errors.add(error.message.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\w.+]*/g, "x"));
    else throw new Error(`seed ${seed}`, { cause: error });
  }
  return { works, errors };
}

describe("damaged .model files", () => {
  test.each([
    ["small_unigram", 5000],
    ["small_bpe", 4000],
  ])("%s: %i of them each give one clear error or a processor that works", (name, count) => {
    const model = modelBytes(name);
    const { works, errors } = outcomes(count, (seed) => mutateBytes(model, seed));
    for (const message of errors)
      expect(message).toMatch(/^(readModelProto|SentencePieceProcessor|encode\w*|Lattice): expected /);
    expect(errors.size).toBeGreaterThan(8);
    expect(works).toBeGreaterThan(count / 40);
  });

  test("with damaged rules of normalization give an error or work, and never walk in circles", () => {
    const model = readModelProto(modelBytes("small_unigram"));
    const { works, errors } = outcomes(1000, (seed) => writeModelProto(withDamagedRules(model, seed)));
    for (const message of errors)
      expect(message).toMatch(/^SentencePieceProcessor: expected a precompiledCharsmap with /);
    expect(errors).toContain("SentencePieceProcessor: expected a precompiledCharsmap with a trie without cycles");
    expect(works).toBeGreaterThan(50);
  });

  test("of the usual size, with the rules of nmt_nfkc, are refused as fast", () => {
    const model = modelBytes("unigram");
    expect(outcomes(40, (seed) => mutateBytes(model, seed)).errors.size).toBeGreaterThan(2);
  });

  test("that claim more bytes than they have cost nothing", () => {
    const huge = Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(() => SentencePieceProcessor.fromBytes(huge)).toThrow(
      "readModelProto: expected a length of at most the 0 bytes left, got 4294967295 at byte 6",
    );
  });
});

/** A model whose compiled rules have one to three words set at random, to small numbers or to any. */
function withDamagedRules(model: ModelProto, seed: number): ModelProto {
  const rng = randomNumbers(seed);
  const specs = [model.normalizerSpec!, model.denormalizerSpec!] as const;
  const damaged = specs.map((spec) => {
    const charsmap = spec.precompiledCharsmap!.slice();
    const view = new DataView(charsmap.buffer);
    const words = view.getUint32(0, true) / 4;
    for (let edits = 1 + Math.floor(rng() * 3); edits > 0; edits--) {
      const at = Math.floor(rng() * (words + 1));
      const old = view.getUint32(4 * at, true);
      const word = [
        () => Math.floor(rng() * 2 ** 32),
        () => (old & 0x800003ff) | (Math.floor(rng() * words) << 10),
        () => old ^ (1 << Math.floor(rng() * 32)),
        () => view.getUint32(4 + 4 * Math.floor(rng() * words), true),
      ][Math.floor(rng() * 4)]!;
      view.setUint32(4 * at, word(), true);
    }
    return { ...spec, precompiledCharsmap: charsmap };
  });
  return { ...model, normalizerSpec: damaged[0]!, denormalizerSpec: damaged[1]! };
}
