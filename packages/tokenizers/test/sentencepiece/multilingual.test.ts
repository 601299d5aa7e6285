// Many lines against C++ SentencePiece 0.1.97, of whose results only the checksums are kept; oracle.slow.test.ts computes
// them anew with the tools. Where one differs, that test shows the lines.
import { readModelProto, SentencePieceProcessor, writeModelProto } from "@llm-learning/tokenizers/sentencepiece";
import { trainSentencePiece } from "@llm-learning/tokenizers/train";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checksum, loadModel, modelNames } from "./models.ts";
import { everyCharacter, languages, LINES_EACH, linesOf } from "./multilingualLines.ts";

const expected: { readonly ids: Record<string, string>; readonly normalized: Record<string, string> } = JSON.parse(
  readFileSync(new URL("fixtures/multilingual.json", import.meta.url), "utf8"),
);
const lines = languages.flatMap((language) => linesOf(language, LINES_EACH));

test.each(modelNames)(
  `${LINES_EACH} lines in each of ten languages have the ids of C++ SentencePiece with %s`,
  (name) => {
    const processor = loadModel(name);
    expect(checksum(lines.map((line) => processor.encode(line).join(" ")))).toBe(expected.ids[name]);
  },
);

test.each(["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"] as const)(
  "%s makes of every character, and of these lines, what C++ SentencePiece makes of it",
  async (name) => {
    const trained = await trainSentencePiece(["a"], { modelType: "char", normalizationRuleName: name });
    const { precompiledCharsmap = new Uint8Array(0) } = readModelProto(trained.toBytes()).normalizerSpec ?? {};
    const processor = SentencePieceProcessor.fromBytes(
      writeModelProto({
        pieces: [{ piece: "<unk>", type: "unknown" }, { piece: "a" }],
        normalizerSpec: {
          precompiledCharsmap,
          addDummyPrefix: false,
          escapeWhitespaces: false,
          removeExtraWhitespaces: false,
        },
      }),
    );
    const texts = [...everyCharacter(), ...lines];
    expect(checksum(texts.map((text) => processor.normalize(text)))).toBe(expected.normalized[name]);
  },
);
